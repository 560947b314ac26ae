import Lamina

/// The setting of algorithms.md, section 7.4, with worker threads and real frames.
///
/// A bilinear game of 20 coordinates with ‖B‖₂ = 1 from ‖X₁‖ = 1; the slope is that of log ‖A(X̄)‖ over log t from
/// t = T/100 on.
struct GameRun: Sendable {
  /// The levels of dual vectors, nil if these travel exactly.
  var levels: Levels?
  var workers = 4
  var steps: UInt64 = 20_000
  var seed: UInt64 = 0

  static let dimension = 20

  /// What all workers of a run agree on, and what the first of them measured.
  struct Result: Sendable {
    var gap: Double
    var slope: Double
    var traffic: TrafficReport
    /// For each worker, a hash of the bits of its iterates in the order of steps.
    var fingerprints: [UInt64]
    var outcome: Outcome
  }

  /// Runs all workers.
  func callAsFunction<S: Solver, N: Noise>(_ solver: S, noise: N) throws -> Result {
    let key = RandomKey(seed: seed)
    let game = BilinearGame.random(dimension: Self.dimension, key: key.folding(0))
    let start = game.startAtUnitDistance(key: key.folding(1)) ?? []
    let plan = try plan()
    let results = try InProcessCollective.run(worldSize: workers) { group in
      try worker(
        solver, oracle: ProblemOracle(game, noise: noise, rank: group.rank), from: start,
        exchange: QuantizedExchange<InProcessCollective>(plan: plan, group: group), key: key.folding(2))
    }
    var result = results[0]
    result.fingerprints = results.flatMap(\.fingerprints)
    return result
  }

  private func worker<S: Solver, N: Noise>(
    _ solver: S, oracle: ProblemOracle<BilinearGame, N>, from start: Point,
    exchange: QuantizedExchange<InProcessCollective>, key: RandomKey
  ) throws -> Result {
    var (oracle, exchange) = (oracle, exchange)
    let game = oracle.problem
    var slope = GapSlope()
    var marks = GapSlope.logarithmicSteps(from: max(1, steps / 100), through: steps, count: 64)[...]
    var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
    let solution = try solve(
      with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange, key: key,
      stepLimit: steps
    ) { state in
      for value in state.current { fingerprint = (fingerprint ^ value.bitPattern) &* 0x0000_0100_0000_01B3 }
      if state.iteration == marks.first {
        marks.removeFirst()
        slope.record(game.gap(at: solver.solution(of: state)) ?? .nan, at: state.iteration)
      }
      return true
    }
    return Result(
      gap: game.gap(at: solution.point) ?? .nan, slope: slope.slope ?? .nan, traffic: exchange.traffic,
      fingerprints: [fingerprint], outcome: solution.outcome)
  }

  private func plan() throws -> QuantizationPlan {
    let type = LayerType(rawValue: "values")
    let map = try LayerMap([Layer(name: "values", type: type, range: 0..<Self.dimension)])
    guard let levels else { return try QuantizationPlan(map: map, plans: [type: .exact], seed: seed) }
    let quantizer = LevelQuantizer(levels: levels, norm: .l2, scope: .layer)
    return try QuantizationPlan(map: map, plans: [type: .levels(quantizer, .fixedWidth)], seed: seed)
  }

  /// The mean slope over the seeds 0, 1, …, which is what the reference values are means of.
  func meanSlope<S: Solver, N: Noise>(_ solver: S, noise: N, seeds: UInt64) throws -> Double {
    var sum = 0.0
    for seed in 0..<seeds {
      var run = self
      run.seed = seed
      sum += try run(solver, noise: noise).slope
    }
    return sum / Double(seeds)
  }
}
