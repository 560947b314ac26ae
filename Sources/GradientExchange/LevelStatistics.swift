import LaminaNumerics
import Quantization
import WireFormat

/// What one rank observed for the choice of levels, by group of layers, and what a root makes of everybody's.
struct LevelStatistics: Sendable {
  private static let everything = LayerType(rawValue: "*")

  let agreement: LevelAgreement
  private let groups: [LayerType: LayerType]
  private let support: CoordinateSupport
  private let key: RandomKey
  private var statistics: [LayerType: ChosenEstimate] = [:]
  private var unit: [Float] = []

  /// The state of a rank, or nil where nothing can change: fixed levels and codes without tables.
  init?(_ agreement: LevelAgreement, plan: QuantizationPlan, rank: Int) {
    let types = plan.quantizedTypes
    let hasTables = types.contains { plan.plans[$0]?.code?.distribution != nil }
    guard !types.isEmpty, agreement.method != .fixed || hasTables else { return nil }
    self.agreement = agreement
    groups = Dictionary(
      uniqueKeysWithValues: types.map { ($0, agreement.grouping == .global ? Self.everything : $0) })
    let needsSigns = types.contains { type in
      plan.plans[type]?.quantizer.map { $0.levels.areSigned && !$0.levels.areSymmetric } ?? false
    }
    support = needsSigns ? .signed : .magnitudes
    key = RandomKey(seed: plan.seed).folding(UInt64(rank))
    for group in groups.values { statistics[group] = empty(epoch: plan.levelEpoch) }
  }

  /// Fixed levels still need the law of coordinates, for the tables of their codes.
  private func empty(epoch: UInt32) -> ChosenEstimate {
    NamedAdaptation(
      method: agreement.method == .fixed ? .alq : agreement.method, model: agreement.model,
      weighting: agreement.weighting, support: support
    ).emptyStatistics(key: key.folding(UInt64(epoch)))
  }

  /// The statistics by the names of their groups.
  var named: [String: ChosenEstimate] {
    Dictionary(uniqueKeysWithValues: statistics.map { ($0.key.rawValue, $0.value) })
  }

  /// Goes on from statistics of the same groups; what a run with other settings observed is of no use to this one.
  mutating func restore(_ named: [String: ChosenEstimate]) {
    for (group, value) in statistics {
      if let saved = named[group.rawValue], value.isMergeable(with: saved) { statistics[group] = saved }
    }
  }

  /// Adds the buckets of one quantized layer.
  mutating func observe(_ layer: PreparedLayer, _ values: UnsafeBufferPointer<Float>, _ symbols: LevelSymbols) {
    guard let quantizer = layer.quantizer, let group = groups[layer.layer.type] else { return }
    guard var statistics = self.statistics[group] else { return }
    self.statistics[group] = nil
    defer { self.statistics[group] = statistics }
    let size = quantizer.bucketSize(in: values.count)
    for (bucket, norm) in symbols.norms.enumerated() where LevelSymbols.isOrdinary(norm) {
      let scale = 1 / norm
      unit.removeAll(keepingCapacity: true)
      for i in bucket * size..<min((bucket + 1) * size, values.count) { unit.append(values[i] * scale) }
      statistics.observe(unit.span, norm: norm)
    }
  }

  /// Appends the statistics of all groups, each behind its length, in the order of the groups' names.
  func encode(to writer: inout ByteWriter) {
    for (_, value) in sorted {
      let bytes = value.encoded()
      writer.append(UInt32(bytes.count))
      writer.append(bytes)
    }
  }

  /// Forgets what was observed, except where moments run on.
  mutating func startWindow(epoch: UInt32) {
    guard agreement.model != .moments else { return }
    for group in statistics.keys { statistics[group] = empty(epoch: epoch) }
  }

  /// The plans that everybody's statistics give, pooled in rank order.
  ///
  /// A group that nothing was observed of, or whose statistics determine no levels, keeps its levels; its code stays
  /// too unless it is shared with a group that changes.
  func adapted(
    _ plan: QuantizationPlan, messages: inout [ByteReader]
  ) throws(ExchangeError) -> [LayerType: LayerPlan] {
    let estimates = try pooled(&messages)
    let pooled = Dictionary(uniqueKeysWithValues: estimates)
    let allocated = allocation(for: plan, estimates)
    var quantizers: [LayerType: (LevelQuantizer, [Double])] = [:]
    for type in plan.quantizedTypes {
      guard let quantizer = plan.plans[type]?.quantizer, let estimate = groups[type].flatMap({ pooled[$0] }) else {
        continue
      }
      // Statistics with signs, which another type may need, hold the law of magnitudes, too.
      guard let law = try? estimate.distribution(on: quantizer.levels.areSigned ? support : .magnitudes) else {
        continue
      }
      let levels =
        allocated[type] ?? (try? agreement.method.fit(quantizer.levels, to: law)) ?? quantizer.levels
      quantizers[type] = (quantizer.with(levels: levels), levels.symbolProbabilities(under: law))
    }
    return quantizers.isEmpty ? [:] : plan.replanned(quantizers)
  }

  /// The levels that divide the agreement's width among the types; none where that cannot be told yet.
  private func allocation(for plan: QuantizationPlan, _ estimates: [(LayerType, ChosenEstimate)]) -> [LayerType: Levels]
  {
    guard let width = agreement.sharedWidth, plan.coding == .main else { return [:] }
    let quantizers = plan.plans.compactMapValues(\.quantizer)
    let pooled = Dictionary(uniqueKeysWithValues: estimates)
    let statistics = quantizers.keys.reduce(into: [LayerType: ChosenEstimate]()) {
      $0[$1] = groups[$1].flatMap { pooled[$0] }
    }
    let isFixed = quantizers.keys.allSatisfy { plan.plans[$0]?.code?.kind == .fixedWidth }
    guard
      let groups = try? LevelGroup.groups(
        of: plan.map, quantizers: quantizers, statistics: statistics, method: agreement.method,
        rate: isFixed ? .fixedWidth : .entropy),
      let allocation = try? LevelAllocation.leastError(of: groups, withinWidth: width)
    else { return [:] }
    return Dictionary(uniqueKeysWithValues: allocation.shares.map { ($0.type, $0.levels) })
  }

  private func pooled(_ messages: inout [ByteReader]) throws(ExchangeError) -> [(LayerType, ChosenEstimate)] {
    var pooled = sorted.map { ($0.0, empty(epoch: 0)) }
    for rank in messages.indices {
      for index in pooled.indices {
        let estimate: ChosenEstimate
        do {
          let count: UInt32 = try messages[rank].next()
          let bytes = try messages[rank].slice(Int(count))
          do { estimate = try ChosenEstimate(decoding: bytes) } catch {
            throw ExchangeError.statistics(rank: rank, error)
          }
        } catch let error as ExchangeError {
          throw error
        } catch {
          throw .statistics(rank: rank, .truncated)
        }
        guard pooled[index].1.isMergeable(with: estimate) else {
          throw .statistics(rank: rank, .invalidField(.support))
        }
        pooled[index].1.merge(estimate)
      }
    }
    return pooled
  }

  private var sorted: [(LayerType, ChosenEstimate)] { statistics.sorted { $0.key < $1.key } }
}
