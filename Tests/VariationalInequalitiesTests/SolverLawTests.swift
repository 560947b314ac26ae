import Testing
import VariationalInequalities

@Suite struct SolverLawTests {
  @Test("Solvers converge, repeat, resume bit for bit, and send as many messages as they say", arguments: solverZoo)
  func laws(_ solverCase: SolverCase) throws {
    try checkSolver(solverCase.solver)
  }

  @Test("Fact 16: QODA sends one message per worker and step, Q-GenX dual extrapolation two")
  func messages() {
    // That a step makes as many exchanges as declared is a law checked for every solver above.
    #expect(OptimisticDualAveraging(steps: AdaptiveSteps()).exchangesPerStep == 1)
    #expect(OptimisticDualAveraging(steps: SeparatedSteps()).exchangesPerStep == 1)
    #expect(QGenX(.dualExtrapolation).exchangesPerStep == 2)
    #expect(QGenX(.optimistic).exchangesPerStep == 1)
    #expect(QGenX(.dualAveraging).exchangesPerStep == 1)
    #expect(OptimisticAdam(AdamRule(learningRates: 1e-3)).exchangesPerStep == 1)
    #expect(ExtraAdam(AdamRule(learningRates: 1e-3)).exchangesPerStep == 2)
  }
}
