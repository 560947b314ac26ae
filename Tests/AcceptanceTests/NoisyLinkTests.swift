import Lamina
import Testing

@Suite("A game over a noisy link", .timeLimit(.minutes(10)))
struct NoisyLinkTests {
  /// The parameters of each of four workers after 10,000 steps of QODA, and the messages that were sent again.
  private func play(_ rates: FaultRates, retries: Int) throws -> [(point: Point, resent: Int, faults: Int)] {
    let key = RandomKey(seed: 4)
    let game = BilinearGame.random(dimension: GameRun.dimension, key: key.folding(0))
    let start = game.startAtUnitDistance(key: key.folding(1)) ?? []
    let type = LayerType(rawValue: "values")
    let map = try LayerMap([Layer(name: "values", type: type, range: 0..<GameRun.dimension)])
    let quantizer = LevelQuantizer(levels: .uniform(intervals: 15), norm: .l2, scope: .layer)
    let plan = try QuantizationPlan(map: map, plans: [type: .levels(quantizer, .fixedWidth)], seed: 4)
    return try InProcessCollective.run(worldSize: 4) { base in
      let link = FaultInjectingCollective(base, rates: rates, seed: 99)
      let solver = OptimisticDualAveraging(steps: AdaptiveSteps())
      var oracle = ProblemOracle(game, noise: RelativeNoise(standardDeviation: 0.5), rank: base.rank)
      var exchange = QuantizedExchange(plan: plan, group: link, options: ExchangeOptions(retries: retries))
      let solution = try solve(
        with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange, key: key.folding(2),
        stepLimit: 10_000)
      return (solution.state.current, exchange.traffic.retries?.messages ?? 0, link.faults)
    }
  }

  @Test("10,000 steps over a link that damages 1 % of all messages end where they end over a clean one, bit for bit")
  func game() throws {
    let clean = try play(FaultRates(), retries: 0)
    let noisy = try play(.damage(0.01), retries: 3)
    #expect(clean.allSatisfy { $0.point == clean[0].point && $0.faults == 0 })
    #expect(noisy.allSatisfy { $0.point == clean[0].point })
    // Twelve frames a step, of which one in a hundred is damaged, and so are those sent again: 1212, with a standard
    // deviation of 35.
    #expect(noisy.allSatisfy { $0.resent == noisy[0].resent })
    #expect((1037...1387).contains(noisy[0].resent))
    #expect(throws: (any Error).self) { try play(.damage(0.01), retries: 0) }
  }
}
