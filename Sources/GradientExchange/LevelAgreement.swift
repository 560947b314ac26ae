public import Quantization
import WireFormat

/// Which layers share a level sequence.
public enum LevelGrouping: String, Hashable, Sendable, Codable, CaseIterable {
  /// One sequence per layer type: QODA.
  case layerWise = "layer-wise"
  /// One sequence for all types: Q-GenX, ALQ.
  case global
}

/// How workers agree on new levels: what they observe, when, and what they make of it.
public struct LevelAgreement: Hashable, Sendable {
  /// How levels follow from the law of coordinates.
  public var method: AdaptationMethod
  /// How much a bucket counts.
  public var weighting: NormWeighting
  /// Which layers share levels.
  public var grouping: LevelGrouping
  /// When levels are updated.
  public var schedule: LevelSchedule

  /// An agreement.
  public init(
    method: AdaptationMethod = .alq, weighting: NormWeighting = .squaredNorm, grouping: LevelGrouping = .layerWise,
    schedule: LevelSchedule = LevelSchedule()
  ) {
    self.method = method
    self.weighting = weighting
    self.grouping = grouping
    self.schedule = schedule
  }
}

/// The statistics of one rank, by group of layers, and what a root makes of everybody's.
struct AgreementState<Estimate: DistributionEstimate>: Sendable {
  private static var everything: LayerType { LayerType(rawValue: "*") }

  let agreement: LevelAgreement
  private let groups: [LayerType: LayerType]
  private(set) var statistics: [LayerType: Estimate]
  private var unit: [Float] = []

  init(_ agreement: LevelAgreement, plan: QuantizationPlan) {
    self.agreement = agreement
    groups = Dictionary(
      uniqueKeysWithValues: plan.quantizedTypes.map { type in
        (type, agreement.grouping == .global ? Self.everything : type)
      })
    let needsSigns = plan.quantizedTypes.contains { type in
      plan.plans[type]?.quantizer.map { $0.levels.areSigned && !$0.levels.areSymmetric } ?? false
    }
    statistics = Dictionary(
      Set(groups.values).map { group in
        (group, Estimate(weighting: agreement.weighting, support: needsSigns ? .signed : .magnitudes))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The statistics by the names of their groups.
  var named: [String: Estimate] {
    Dictionary(uniqueKeysWithValues: statistics.map { ($0.key.rawValue, $0.value) })
  }

  /// Goes on from statistics of the same groups.
  mutating func restore(_ named: [String: Estimate]) {
    for (name, value) in named { statistics[LayerType(rawValue: name)] = value }
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

  /// The statistics of all groups, each behind its length, in the order of the groups' names.
  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    for (_, value) in sorted {
      let bytes = value.encoded()
      writer.append(UInt32(bytes.count))
      writer.append(bytes)
    }
    return writer.bytes
  }

  /// Forgets what was observed, except where moments run on.
  mutating func startWindow() {
    for (group, value) in statistics where !Estimate.runsOn {
      statistics[group] = Estimate(weighting: agreement.weighting, support: value.support)
    }
  }

  /// The plans that everybody's statistics give, pooled in rank order.
  ///
  /// A group that nothing was observed of, or whose statistics determine no levels, keeps its plan.
  func adapted(_ plan: QuantizationPlan, messages: [[UInt8]]) throws(ExchangeError) -> [LayerType: LayerPlan] {
    var laws: [LayerType: Estimate.Distribution] = [:]
    for (group, pooled) in try pooled(messages) {
      do { laws[group] = try pooled.distribution() } catch { continue }
    }
    var quantizers: [LayerType: (LevelQuantizer, [Double])] = [:]
    for type in plan.quantizedTypes {
      guard let quantizer = plan.plans[type]?.quantizer, let law = groups[type].flatMap({ laws[$0] }) else { continue }
      let levels = (try? agreement.method.fit(quantizer.levels, to: law)) ?? quantizer.levels
      quantizers[type] = (quantizer.with(levels: levels), levels.symbolProbabilities(under: law))
    }
    return plan.replanned(quantizers)
  }

  private func pooled(_ messages: [[UInt8]]) throws(ExchangeError) -> [(LayerType, Estimate)] {
    var pooled = sorted.map { ($0.0, Estimate(weighting: agreement.weighting, support: $0.1.support)) }
    for (rank, message) in messages.enumerated() {
      var reader = ByteReader(message[...])
      for index in pooled.indices {
        let estimate: Estimate
        do {
          let count: UInt32 = try reader.next()
          let bytes = try reader.slice(Int(count))
          do { estimate = try Estimate(decoding: bytes) } catch { throw ExchangeError.statistics(rank: rank, error) }
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
      guard reader.remaining == 0 else {
        throw .statistics(rank: rank, .trailingBytes(count: reader.remaining))
      }
    }
    return pooled
  }

  private var sorted: [(LayerType, Estimate)] { statistics.sorted { $0.key < $1.key } }
}
