import LaminaNumerics
import Testing
import VariationalInequalities

/// Gap slopes on the bilinear game of section 7.4: d = 20, ‖B‖₂ = 1, ‖X₁‖ = 1, T = 20 000, points t ≥ 200.
@Suite struct SlopeTests {
  static let length: UInt64 = 20_000

  /// What a run shows: the slope of its gap, and the gap at its end.
  struct Measurement {
    var slope: Double
    var finalGap: Double
  }

  /// Runs `solver` with `workers` stacked workers and fits the slope of ‖A(X̄)‖.
  static func measure<S: Solver, N: Noise>(_ solver: S, noise: N, workers: Int, seed: UInt64, length: UInt64 = length)
    -> Measurement
  {
    let key = RandomKey(seed: seed)
    let game = BilinearGame.random(dimension: 20, key: key.folding(1))
    let start = game.startAtUnitDistance(key: key.folding(2)) ?? []
    var oracle = StackedOracle((0..<workers).map { ProblemOracle(game, noise: noise, rank: $0) })
    var exchange = StackedExchange(workers: workers)
    let steps = Set(GapSlope.logarithmicSteps(from: 200, through: length, count: 40))
    var fit = GapSlope()
    var last = Double.nan
    let end = solve(
      with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange, key: key.folding(3),
      stepLimit: length
    ) { state in
      if steps.contains(state.iteration) {
        last = game.gap(at: solver.solution(of: state)) ?? .nan
        fit.record(last, at: state.iteration)
      }
      return true
    }
    #expect(end.outcome == .reachedStepLimit)
    return Measurement(slope: fit.slope ?? .nan, finalGap: last)
  }

  /// The mean slope over four games.
  static func meanSlope<S: Solver, N: Noise>(_ solver: S, noise: N, workers: Int) -> Double {
    let slopes = (1...4).map { measure(solver, noise: noise, workers: workers, seed: $0).slope }
    return slopes.reduce(0, +) / 4
  }

  @Test("Fact 15: slope -1 without noise for QODA under both rules and for Q-GenX", arguments: [1, 4])
  func exact(workers: Int) {
    #expect(abs(Self.meanSlope(qoda, noise: NoNoise(), workers: workers) + 1) < 0.1)
    #expect(abs(Self.meanSlope(separated, noise: NoNoise(), workers: workers) + 1) < 0.1)
    #expect(abs(Self.meanSlope(QGenX(.dualExtrapolation), noise: NoNoise(), workers: workers) + 1) < 0.1)
    #expect(abs(Self.meanSlope(QGenX(.optimistic), noise: NoNoise(), workers: workers) + 1) < 0.1)
  }

  @Test("Fact 15: slope -1 under relative noise for QODA under both rules and for Q-GenX", arguments: [1, 4])
  func relative(workers: Int) {
    let noise = RelativeNoise(standardDeviation: 0.5)
    #expect(abs(Self.meanSlope(qoda, noise: noise, workers: workers) + 1) < 0.1)
    #expect(abs(Self.meanSlope(separated, noise: noise, workers: workers) + 1) < 0.1)
    #expect(abs(Self.meanSlope(QGenX(.dualExtrapolation), noise: noise, workers: workers) + 1) < 0.1)
  }

  @Test("Fact 15: slope -1/2 under absolute noise for QODA under both rules and for Q-GenX", arguments: [1, 4])
  func absolute(workers: Int) {
    let noise = AbsoluteNoise(standardDeviation: 0.5)
    #expect(abs(Self.meanSlope(qoda, noise: noise, workers: workers) + 0.5) < 0.1)
    #expect(abs(Self.meanSlope(separated, noise: noise, workers: workers) + 0.5) < 0.1)
    #expect(abs(Self.meanSlope(QGenX(.dualExtrapolation), noise: noise, workers: workers) + 0.5) < 0.1)
  }

  @Test("Fact 15: slope -1/2 for dual averaging without optimism, even without noise")
  func dualAveraging() {
    #expect(abs(Self.meanSlope(DualAveraging(), noise: NoNoise(), workers: 4) + 0.5) < 0.1)
    #expect(abs(Self.meanSlope(QGenX(.dualAveraging), noise: NoNoise(), workers: 4) + 0.5) < 0.1)
  }

  @Test("Fact 15: simultaneous gradient descent with step .1 diverges")
  func gradientDescentDiverges() {
    let game = BilinearGame.random(dimension: 20, key: RandomKey(seed: 1))
    let start = game.startAtUnitDistance(key: RandomKey(seed: 2)) ?? []
    var oracle = ProblemOracle(game)
    var exchange = LocalExchange()
    let solver = GradientDescentAscent(step: 0.1)
    // Each step multiplies a component of singular value s by √(1 + .01s²): e¹⁰⁰ after 20 000 steps for s = 1.
    let end = solve(
      with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0),
      stepLimit: Self.length)
    #expect(end.outcome == .diverged)
  }

  @Test("Fact 15: four times as many workers halve the error under absolute noise, within 25 %")
  func moreWorkers() {
    func error(workers: Int) -> Double {
      let noise = AbsoluteNoise(standardDeviation: 4)
      return (1...12).map { Self.measure(qoda, noise: noise, workers: workers, seed: $0, length: 4000).finalGap }
        .reduce(0, +)
    }
    let ratio = error(workers: 4) / error(workers: 16)
    #expect(ratio > 1.5 && ratio < 2.5)
  }

  private var qoda: OptimisticDualAveraging<AdaptiveSteps> { .init(steps: AdaptiveSteps()) }
  private var separated: OptimisticDualAveraging<SeparatedSteps> { .init(steps: SeparatedSteps()) }
}
