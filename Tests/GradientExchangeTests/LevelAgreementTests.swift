import Collectives
import GradientExchange
import LaminaNumerics
import Quantization
import Testing
import WireFormat

/// Exchanges whose levels are agreed, over all choices.
@Suite("Agreement on levels")
struct LevelAgreementTests {
  /// Every method with every model and grouping, and every code with every protocol and grouping.
  static let scenarios: [ExchangeScenario] = {
    var scenarios: [ExchangeScenario] = []
    for grouping in LevelGrouping.allCases {
      for method in AdaptationMethod.allCases {
        for model in EstimateModel.allCases {
          var scenario = ExchangeScenario(method: method, model: model, grouping: grouping)
          // Fixed levels are agreed on only for the tables of codes.
          scenario.code = method == .fixed ? .huffman : .fixedWidth
          scenarios.append(scenario)
        }
      }
      for code in LayerCode.Kind.allCases {
        for coding in CodingProtocol.allCases {
          for method in [AdaptationMethod.alq, .amq] {
            scenarios.append(ExchangeScenario(method: method, grouping: grouping, coding: coding, code: code))
          }
        }
      }
    }
    return scenarios
  }()

  @Test("all ranks hold the same plan, one epoch later, and the same means", arguments: scenarios)
  func identical(scenario: ExchangeScenario) throws {
    let traces = try scenario.traces(workers: 3, steps: 0..<5)
    let first = traces[0]
    for trace in traces {
      #expect(trace.map(\.mean) == first.map(\.mean))
      #expect(trace.map(\.plan) == first.map(\.plan))
      #expect(trace.map(\.squaredNorms) == first.map(\.squaredNorms))
      #expect(trace.map(\.epoch) == [0, 1, 1, 2, 2], "updates come before the exchanges 1 and 3")
    }
    let start = try scenario.plan
    let plans = try first.map { try QuantizationPlan(decoding: $0.plan[...]) }
    let levels = plans.map { plan in plan.quantizedTypes.map { plan.plans[$0]?.quantizer?.levels } }
    let isFixed = scenario.method == .fixed
    #expect((levels[1] == levels[0]) == isFixed)
    for plan in plans {
      #expect(plan.map == start.map && plan.seed == start.seed && plan.coding == start.coding)
      for type in plan.quantizedTypes {
        let quantizer = try #require(plan.plans[type]?.quantizer)
        let old = try #require(start.plans[type]?.quantizer)
        #expect(quantizer.levels.count == old.levels.count && quantizer.norm == old.norm)
        #expect(quantizer.scope == old.scope && quantizer.levels.areSigned == old.levels.areSigned)
        #expect(plan.plans[type]?.code?.kind == scenario.code)
      }
    }
    if scenario.code == .huffman || scenario.code == .rans {
      #expect(plans[1].plans != plans[0].plans, "tables follow the symbols")
    }
    if scenario.grouping == .global { #expect(Set(levels[4]).count == 1) }
    if scenario.grouping == .layerWise, !isFixed { #expect(Set(levels[4]).count > 1) }
  }

  @Test(
    "levels are those that the statistics of all ranks, pooled in rank order, give", arguments: LevelGrouping.allCases,
    [EstimateModel.histogram, .normalMixture, .pooledNormal])
  func pooled(grouping: LevelGrouping, model: EstimateModel) throws {
    var scenario = ExchangeScenario(model: model, grouping: grouping, code: .huffman)
    scenario.schedule = LevelSchedule(early: [], interval: 2, window: 2)
    let traces = try scenario.traces(workers: 4, steps: 0..<3)
    var plan = try scenario.plan
    var pooled: [LayerType: ChosenEstimate] = [:]
    for rank in 0..<4 {
      for (group, own) in try statistics(of: rank, scenario, plan: plan) {
        let received = try ChosenEstimate(decoding: own.encoded()[...])
        if pooled[group] == nil { pooled[group] = empty(scenario) }
        pooled[group]?.merge(received)
      }
    }
    var quantizers: [LayerType: (quantizer: LevelQuantizer, probabilities: [Double])] = [:]
    for type in plan.quantizedTypes {
      let quantizer = try #require(plan.plans[type]?.quantizer)
      let law = try #require(pooled[group(of: type, scenario)]).distribution(on: .magnitudes)
      let levels = try scenario.method.fit(quantizer.levels, to: law)
      quantizers[type] = (quantizer.with(levels: levels), levels.symbolProbabilities(under: law))
    }
    try plan.adopt(plan.replanned(quantizers))
    for trace in traces { #expect(trace[2].plan == plan.encoded()) }
  }

  private func group(of type: LayerType, _ scenario: ExchangeScenario) -> LayerType {
    scenario.grouping == .global ? LayerType(rawValue: "all") : type
  }

  private func empty(_ scenario: ExchangeScenario) -> ChosenEstimate {
    NamedAdaptation(method: scenario.method, model: scenario.model).emptyStatistics()
  }

  /// What a rank observes in the exchanges 0 and 1.
  private func statistics(
    of rank: Int, _ scenario: ExchangeScenario, plan: QuantizationPlan
  ) throws -> [LayerType: ChosenEstimate] {
    var statistics: [LayerType: ChosenEstimate] = [:]
    for step in UInt64(0)..<2 {
      let vector = ExchangeScenario.vector(rank: rank, step: step)
      for layer in plan.map.layers {
        guard let quantizer = plan.plans[layer.type]?.quantizer else { continue }
        let group = group(of: layer.type, scenario)
        for start in stride(from: layer.range.lowerBound, to: layer.range.upperBound, by: 128) {
          let bucket = Array(vector[start..<min(start + 128, layer.range.upperBound)])
          let norm = quantizer.norm(bucket.span)
          let unit = bucket.map { $0 * (1 / norm) }
          statistics[group, default: empty(scenario)].observe(unit.span, norm: norm)
        }
      }
    }
    return statistics
  }

  @Test("layers of which nothing was seen keep their plan, and the others do not", arguments: CodingProtocol.allCases)
  func unseen(coding: CodingProtocol) throws {
    let scenario = ExchangeScenario(coding: coding)
    let silent = try scenario.plan.map.layers.filter { $0.type == .linear }
    let plans = try InProcessCollective.run(worldSize: 2) { group in
      var exchange = try scenario.exchange(group)
      for step in UInt64(0)..<2 {
        var vector = ExchangeScenario.vector(rank: group.rank, step: step)
        for layer in silent { for i in layer.range { vector[i] = 0 } }
        _ = try exchange.average(vector, step: step)
      }
      return exchange.plan
    }
    let start = try scenario.plan
    #expect(plans[0] == plans[1])
    #expect(plans[0].levelEpoch == 1)
    #expect(plans[0].plans[.linear]?.quantizer == start.plans[.linear]?.quantizer)
    #expect(plans[0].plans[.convolution]?.quantizer != start.plans[.convolution]?.quantizer)
  }

  @Test(
    "where no rank has seen anything, all plans stay", arguments: LevelGrouping.allCases, CodingProtocol.allCases)
  func nothingSeen(grouping: LevelGrouping, coding: CodingProtocol) throws {
    // A first agreement makes tables of real symbols; a second one over zeros must not unmake them.
    var scenario = ExchangeScenario(grouping: grouping, coding: coding, code: .rans)
    scenario.schedule = LevelSchedule(early: [1, 2], interval: 100, window: 1)
    let plans = try InProcessCollective.run(worldSize: 2) { [scenario] group in
      var exchange = try scenario.exchange(group)
      return try (UInt64(0)..<3).map { step in
        let vector = ExchangeScenario.vector(rank: group.rank, step: step)
        _ = try exchange.average(step == 1 ? vector.map { _ in 0 } : vector, step: step)
        return exchange.plan
      }
    }
    for plans in plans {
      #expect(plans.map(\.levelEpoch) == [0, 1, 2])
      #expect(plans[2].plans == plans[1].plans)
      #expect(plans[1].plans != plans[0].plans)
    }
  }

  @Test("the schedule updates before its exchanges and observes the window before each")
  func schedule() {
    let schedule = LevelSchedule(early: [1, 5], interval: 10, window: 3)
    let updates = (UInt64(0)..<31).filter(schedule.isUpdate)
    #expect(updates == [1, 5, 10, 20, 30])
    let observed = (UInt64(0)..<22).filter(schedule.isObserved)
    #expect(observed == [0, 2, 3, 4, 7, 8, 9, 17, 18, 19])
  }
}
