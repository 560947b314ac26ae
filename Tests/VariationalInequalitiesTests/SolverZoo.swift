import Testing
import VariationalInequalities

/// A solver under a name, to be run through all laws.
struct SolverCase: CustomTestStringConvertible, Sendable {
  var name: String
  var solver: any Solver

  var testDescription: String { name }
}

/// Every solver that ships, with constants that suit a quadratic game of modulus L = 1. A new solver adds a line.
let solverZoo: [SolverCase] = [
  SolverCase(name: "QODA, eq. (4)", solver: OptimisticDualAveraging(steps: AdaptiveSteps())),
  SolverCase(
    name: "QODA, eq. (4), scaled", solver: OptimisticDualAveraging(steps: AdaptiveSteps(scale: 2, leadingConstant: 9))),
  SolverCase(name: "QODA, (Alt)", solver: OptimisticDualAveraging(steps: SeparatedSteps())),
  SolverCase(name: "QODA, constant", solver: OptimisticDualAveraging(steps: ConstantSteps(0.4))),
  SolverCase(name: "OptDA+", solver: OptimisticDualAveraging(steps: PowerSteps(lookahead: 0.5, anchor: 1))),
  SolverCase(name: "Q-GenX, dual averaging", solver: QGenX(.dualAveraging)),
  SolverCase(name: "Q-GenX, dual extrapolation", solver: QGenX(.dualExtrapolation)),
  SolverCase(name: "Q-GenX, optimistic", solver: QGenX(.optimistic)),
  SolverCase(name: "extra-gradient", solver: Extragradient(steps: ConstantSteps(0.7))),
  SolverCase(name: "AdaProx", solver: Extragradient(steps: AdaptiveSteps())),
  SolverCase(name: "Popov", solver: PopovGradient(steps: ConstantSteps(0.4))),
  SolverCase(name: "OG+", solver: PopovGradient(steps: PowerSteps(lookahead: 0.5, anchor: 0.5))),
  SolverCase(name: "optimistic gradient", solver: OptimisticGradient(step: 0.4)),
  SolverCase(name: "dual averaging", solver: DualAveraging()),
  SolverCase(name: "gradient descent-ascent", solver: GradientDescentAscent(step: 0.2)),
  SolverCase(name: "Adam", solver: Adam(AdamRule(learningRates: 1e-2))),
  SolverCase(name: "optimistic Adam", solver: OptimisticAdam(AdamRule(learningRates: 1e-2))),
  SolverCase(name: "ExtraAdam", solver: ExtraAdam(AdamRule(learningRates: 1e-2))),
]
