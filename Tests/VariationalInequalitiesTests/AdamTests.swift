import LaminaNumerics
import Testing
import VariationalInequalities

@Suite struct AdamTests {
  /// A(x) = x on the line, which makes hand recursions short.
  let line = QuadraticGame(AffineOperator(matrix: .identity(1), offset: [0]))
  let rule = AdamRule(learningRates: 0.125, firstDecay: 0.5, secondDecay: 0.75, epsilon: 0.0625)

  /// Adam's move after its n-th gradient, from the definition.
  struct Twin {
    var (m, v, n) = (0.0, 0.0, 0.0)

    mutating func move(_ g: Double) -> Double {
      n += 1
      m = 0.5 * m + 0.5 * g
      v = 0.75 * v + 0.25 * g * g
      var (first, second) = (1.0, 1.0)
      for _ in 0..<Int(n) { (first, second) = (first * 0.5, second * 0.75) }
      return 0.125 * (1 - second).squareRoot() / (1 - first) * m / (v.squareRoot() + 0.0625)
    }
  }

  func run<S: Solver>(_ solver: S, _ check: (S.State) -> Void) {
    var oracle = ProblemOracle(line)
    var exchange = LocalExchange()
    var state = solver.initialState(at: [1])
    for _ in 0..<25 {
      solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0))
      check(state)
    }
  }

  @Test("Adam follows its recursion") func adam() {
    var (twin, x) = (Twin(), 1.0)
    run(Adam(rule)) { state in
      x -= twin.move(x)
      expectClose(state.current, [x], within: 1e-6)
    }
  }

  @Test("Optimistic Adam looks ahead by the last move and updates its moments once a step") func optimisticAdam() {
    var (twin, x, move) = (Twin(), 1.0, 0.0)
    run(OptimisticAdam(rule)) { state in
      let half = x - move
      move = twin.move(half)
      x -= move
      expectClose(state.lookahead, [half], within: 1e-6)
      expectClose(state.current, [x], within: 1e-6)
      #expect(state.moments.count == state.iteration)
    }
  }

  @Test("ExtraAdam updates its moments twice a step and steps from the saved copy") func extraAdam() {
    var (twin, x) = (Twin(), 1.0)
    run(ExtraAdam(rule)) { state in
      let half = x - twin.move(x)
      x -= twin.move(half)
      expectClose(state.lookahead, [half], within: 1e-6)
      expectClose(state.current, [x], within: 1e-6)
      #expect(state.moments.count == 2 * state.iteration)
    }
  }

  @Test("Each group of coordinates moves at its own rate")
  func groups() {
    let identity = QuadraticGame(AffineOperator(matrix: .identity(3), offset: [0, 0, 0]))
    let grouped = AdamRule(learningRates: LearningRates([(0..<1, 0.1), (1..<3, 0.2)]))
    var oracle = ProblemOracle(identity)
    var exchange = LocalExchange()
    let solver = Adam(grouped)
    var state = solver.initialState(at: [1, 1, 1])
    solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0))
    // The first move is rate · g/(|g| + ε/√(1 − β₂)) = rate, to 1e-7.
    expectClose(state.current, [0.9, 0.8, 0.8], within: 1e-7)
  }
}
