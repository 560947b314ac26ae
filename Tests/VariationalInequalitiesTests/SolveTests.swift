import LaminaNumerics
import Testing
import VariationalInequalities

@Suite struct SolveTests {
  let game = QuadraticGame.random(dimension: 4, strongMonotonicity: 0.5, smoothness: 1, key: RandomKey(seed: 1))

  func run<O: Oracle>(
    _ oracle: O, limit: UInt64, tolerance: Tolerance? = nil, bound: Double = 1e12,
    observe: (GradientDescentAscent.State) -> Bool = { _ in true }
  ) -> Solution<GradientDescentAscent.State> {
    var oracle = oracle
    var exchange = LocalExchange()
    let solver = GradientDescentAscent(step: 0.4)
    return solve(
      with: solver, from: solver.initialState(at: [1, 1, 1, 1]), oracle: &oracle, exchange: &exchange,
      key: RandomKey(seed: 0), stepLimit: limit, tolerance: tolerance, divergenceBound: bound, observe: observe)
  }

  @Test("A run ends at its step limit, and not a step later when it is resumed there") func stepLimit() {
    let end = run(ProblemOracle(game), limit: 5)
    #expect(end.outcome == .reachedStepLimit && end.state.iteration == 5)
    var oracle = ProblemOracle(game)
    var exchange = LocalExchange()
    let again = solve(
      with: GradientDescentAscent(step: 0.4), from: end.state, oracle: &oracle, exchange: &exchange,
      key: RandomKey(seed: 0), stepLimit: 5)
    #expect(again.state.current == end.state.current && again.outcome == .reachedStepLimit)
  }

  @Test("A run ends when the merit reaches the tolerance, looked at as often as asked") func tolerance() {
    let merit = { (x: Point) in naturalResidual(of: game, at: x) }
    let end = run(ProblemOracle(game), limit: 100_000, tolerance: Tolerance(0.01, every: 7, merit: merit))
    #expect(end.outcome == .reachedTolerance)
    #expect(end.state.iteration.isMultiple(of: 7))
    #expect(merit(end.point) <= 0.01)
  }

  @Test("A run whose iterate leaves the bound has diverged") func divergence() {
    let repulsive = QuadraticGame(AffineOperator(matrix: -1 * .identity(4), offset: [0, 0, 0, 0]))
    let end = run(ProblemOracle(repulsive), limit: 1000, bound: 100)
    #expect(end.outcome == .diverged && end.state.iteration < 20)
  }

  @Test("A NaN or an infinity ends a run at once", arguments: [Float.nan, .infinity]) func nonFinite(value: Float) {
    struct Broken: Oracle {
      var value: Float
      var calls = 0
      mutating func sample(at x: Point, key: RandomKey) -> DualVector {
        calls += 1
        return [0, 0, calls == 3 ? value : 0, 0]
      }
    }
    let end = run(Broken(value: value), limit: 10)
    #expect(end.outcome == .nonFinite && end.state.iteration == 3)
  }

  @Test("The observer sees every step and can end the run") func observer() {
    var seen: [UInt64] = []
    let end = run(ProblemOracle(game), limit: 10) { state in
      seen.append(state.iteration)
      return state.iteration < 4
    }
    #expect(end.outcome == .cancelled && seen == [1, 2, 3, 4])
  }
}
