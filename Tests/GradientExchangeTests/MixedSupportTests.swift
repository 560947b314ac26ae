import Collectives
import GradientExchange
import LaminaNumerics
import Quantization
import Testing
import WireFormat

@Suite("Levels with signs beside magnitudes")
struct MixedSupportTests {
  @Test(
    "types whose levels need signs and types of magnitudes adapt in one exchange", arguments: EstimateModel.allCases,
    LevelGrouping.allCases)
  func mixed(model: EstimateModel, grouping: LevelGrouping) throws {
    let map = try LayerMap([
      Layer(name: "a", type: .linear, range: 0..<300), Layer(name: "b", type: .convolution, range: 300..<700),
    ])
    let signed = try Levels([-1, -0.3, 0.05, 0.2, 0.75, 1])
    let plan = try QuantizationPlan(
      map: map,
      quantizers: [
        .linear: LevelQuantizer(levels: signed), .convolution: LevelQuantizer(levels: .uniform(intervals: 7)),
      ], code: .fixedWidth, seed: 1)
    let schedule = LevelSchedule(early: [1], interval: 3)
    var exchange = QuantizedExchange(
      plan: plan, group: SoloCollective(),
      agreement: LevelAgreement(method: .optimal, model: model, grouping: grouping, schedule: schedule))
    var stream = RandomStream(key: RandomKey(seed: 5))
    for step: UInt64 in 0..<5 {
      let vector = (0..<700).map { _ in Float(stream.nextNormal()) }
      _ = try exchange.average(vector, step: step)
    }
    #expect(exchange.plan.levelEpoch == 2)
    let adapted = exchange.plan.plans.compactMapValues { $0.quantizer?.levels }
    #expect(adapted[.linear]?.areSigned == true && adapted[.convolution]?.areSigned == false)
    #expect(adapted[.convolution] != .uniform(intervals: 7))
  }
}
