import Collectives
import Foundation
import GradientExchange
import Quantization
import Testing
import WireFormat

@Suite("The state of an exchange")
struct ExchangeStateTests {
  /// Windows that a checkpoint cuts, moments that run on over updates, every model, both groupings, and no agreement.
  static let scenarios: [ExchangeScenario] = {
    var scenarios: [ExchangeScenario] = []
    for model in EstimateModel.allCases {
      for grouping in LevelGrouping.allCases {
        var scenario = ExchangeScenario(model: model, grouping: grouping, code: .huffman)
        scenario.schedule = LevelSchedule(early: [1, 2], interval: 5, window: 3)
        scenarios.append(scenario)
      }
    }
    var signed = ExchangeScenario(method: .amq, coding: .alternating, code: .rans)
    signed.schedule = LevelSchedule(early: [], interval: 4, window: 1)
    scenarios.append(signed)
    scenarios.append(ExchangeScenario(method: .fixed))
    scenarios.append(ExchangeScenario(scope: .vector))
    scenarios.append(ExchangeScenario(isExact: true))
    var dithered = ExchangeScenario(dither: .relative(0.5, .vector), bits: 4)
    dithered.schedule = LevelSchedule(early: [1, 2], interval: 5, window: 3)
    scenarios.append(dithered)
    scenarios.append(ExchangeScenario(dither: .agreed(0.1)))
    scenarios.append(ExchangeScenario(rotation: EDENQuantizer(bits: 2)))
    scenarios.append(ExchangeScenario(sharedWidth: 4))
    return scenarios
  }()

  @Test("an exchange that goes on from its state after any step equals the uninterrupted one", arguments: scenarios)
  func restored(scenario: ExchangeScenario) throws {
    let steps: UInt64 = 12
    let whole = try InProcessCollective.run(worldSize: 2) { group in
      var exchange = try scenario.exchange(group)
      return try (0..<steps).map { step in
        let exchanged = try exchange.average(ExchangeScenario.vector(rank: group.rank, step: step), step: step)
        return (ExchangeTrace(exchanged, exchange), try JSONEncoder().encode(exchange.state))
      }
    }
    for stop in 1..<steps {
      let states = try whole.map { try JSONDecoder().decode(ExchangeState.self, from: $0[Int(stop) - 1].1) }
      let rest = try scenario.traces(workers: 2, steps: stop..<steps, from: states)
      for rank in 0..<2 { #expect(rest[rank] == whole[rank][Int(stop)...].map(\.0), "after step \(stop)") }
    }
  }

  @Test("a state at the start is that of a new exchange")
  func start() throws {
    let scenario = ExchangeScenario(code: .huffman)
    let state = try scenario.exchange(SoloCollective()).state
    #expect(try scenario.traces(workers: 1, steps: 0..<6, from: [state]) == scenario.traces(workers: 1, steps: 0..<6))
  }
}
