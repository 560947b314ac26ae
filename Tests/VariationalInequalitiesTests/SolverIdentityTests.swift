import LaminaNumerics
import Testing
import VariationalInequalities

/// Solvers against each other and against recursions written out by hand.
@Suite struct SolverIdentityTests {
  let game = BilinearGame.random(dimension: 6, key: RandomKey(seed: 21))
  let start: Point = [0.5, -0.25, 0.75, -0.5, 0.25, 1]

  func states<S: Solver>(_ solver: S, steps: Int) -> [S.State] {
    var oracle = ProblemOracle(game)
    var exchange = LocalExchange()
    var state = solver.initialState(at: start)
    return (0..<steps).map { _ in
      solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0))
      return state
    }
  }

  @Test("Without constraints, QODA with constant steps is Popov's method")
  func constantIsPopov() {
    let dual = states(OptimisticDualAveraging(steps: ConstantSteps(0.3)), steps: 50)
    let primal = states(PopovGradient(steps: ConstantSteps(0.3)), steps: 50)
    // Dual vectors are rounded alike; only the order of double-precision additions differs.
    for (a, b) in zip(dual, primal) { expectClose(a.current, b.current, within: 1e-6) }
  }

  @Test("Without constraints, optimistic gradient visits the lookahead points of Popov's method")
  func oneLineIsPopov() {
    let line = states(OptimisticGradient(step: 0.3), steps: 50)
    let popov = states(PopovGradient(steps: ConstantSteps(0.3)), steps: 50)
    for (a, b) in zip(line, popov) { expectClose(a.lookahead, b.lookahead, within: 1e-6) }
  }

  @Test("With one worker, Q-GenX's dual extrapolation is the recursion of the authors' code")
  func dualExtrapolationRecursion() {
    let measured = states(QGenX(.dualExtrapolation), steps: 30)
    var (x, y, sum) = (start, start, 0.0)
    for state in measured {
      let step = 1 / (1 + sum).squareRoot()
      let g = game.affine(x)
      let half = Point.sum(x, plus: -step, times: g)
      let gHalf = game.affine(half)
      sum += gHalf.squaredDistance(to: g)
      y = Point.sum(y, plus: -1, times: gHalf)
      x = y.map { $0 / (1 + sum).squareRoot() }
      expectClose(state.lookahead, half, within: 1e-5)
      expectClose(state.current, x, within: 1e-5)
    }
  }

  @Test("Q-GenX's first lookahead step is K")
  func firstStepIsK() {
    let solver = QGenX(.dualExtrapolation)
    var state = solver.initialState(at: start)
    var oracle = StackedOracle((0..<4).map { _ in ProblemOracle(game) })
    var exchange = StackedExchange(workers: 4)
    solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0))
    expectClose(state.lookahead, Point.sum(start, plus: -4, times: game.affine(start)), within: 1e-6)
  }

  @Test("Eq. (4) and (Alt) sum over workers before dividing by K²: K equal workers accumulate ‖·‖²/K")
  func talliesOfEqualWorkers() {
    let square = game.affine(start).squaredNorm
    var oracle = StackedOracle((0..<4).map { _ in ProblemOracle(game) })
    var exchange = StackedExchange(workers: 4)
    let received = exchange.exchange(oracle.sample(at: start, key: RandomKey(seed: 0)), step: 0)
    #expect(abs(received.squaredNorms - 4 * square) < 1e-6)
    #expect(received.squaredChanges == received.squaredNorms)
    let adaptive = AdaptiveSteps()
    var memory = adaptive.initialMemory()
    #expect(abs(adaptive.next(&memory, after: received, movement: 0).anchor - 1 / (1 + square / 4).squareRoot()) < 1e-7)
    let separated = SeparatedSteps()
    var sums = separated.initialMemory()
    let second = separated.next(&sums, after: received, movement: 0)
    #expect(second.lookahead == 1 && second.anchor == 1)
    let third = separated.next(&sums, after: received, movement: 0.5)
    #expect(abs(third.anchor - 1 / (1.5 + square / 4).squareRoot()) < 1e-7)
    #expect(abs(third.lookahead - 1 / (1 + square / 4).squareRoot().squareRoot()) < 1e-7)
    #expect(exchange.exchange(oracle.sample(at: start, key: RandomKey(seed: 0)), step: 1).squaredChanges == 0)
  }

  @Test("Equal workers without noise move as one worker does, under constant steps")
  func equalWorkers() {
    let solver = OptimisticDualAveraging(steps: ConstantSteps(0.3))
    var state = solver.initialState(at: start)
    var oracle = StackedOracle((0..<4).map { _ in ProblemOracle(game) })
    var exchange = StackedExchange(workers: 4)
    for single in states(solver, steps: 20) {
      solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0))
      #expect(state.current == single.current)
    }
  }

  @Test("Scale and leading constant: η₀ (λ₀ + Σ)^(-1/2), and the first sizes are those of an empty sum")
  func options() {
    let rule = AdaptiveSteps(scale: 0.8, leadingConstant: 100)
    var memory = rule.initialMemory()
    #expect(abs(rule.first.anchor - 0.08) < 1e-15)
    let received = DualAverage(mean: [], workers: 2, squaredNorms: 7, squaredChanges: 1200)
    #expect(abs(rule.next(&memory, after: received, movement: 3).lookahead - 0.04) < 1e-15)
    let power = PowerSteps(lookahead: 1, anchor: 2)
    var count = power.initialMemory()
    for _ in 0..<15 { _ = power.next(&count, after: received, movement: 0) }
    let seventeenth = power.next(&count, after: received, movement: 0)
    #expect(abs(seventeenth.anchor - 2 / 17.0.squareRoot()) < 1e-14)
    #expect(abs(seventeenth.lookahead - 1 / 17.0.squareRoot().squareRoot()) < 1e-14)
  }
}
