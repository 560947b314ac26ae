import Quantization
import WireFormat

/// All that one rank observed since the last update, and what a root makes of everybody's.
struct AgreementState: Sendable {
  let agreement: LevelAgreement
  private var levels: LevelStatistics?
  private var steps: StepStatistics?

  /// The state of a rank, or nil where nothing can change.
  init?(_ agreement: LevelAgreement, plan: QuantizationPlan, rank: Int) {
    self.agreement = agreement
    levels = LevelStatistics(agreement, plan: plan, rank: rank)
    if agreement.bits != nil { steps = StepStatistics(plan: plan) }
    guard levels != nil || steps != nil else { return nil }
  }

  /// The statistics of the levels by the names of their groups, and those of the steps, for checkpoints.
  var saved: (levels: [String: ChosenEstimate], steps: StepStatistics?) { (levels?.named ?? [:], steps) }

  /// Goes on from statistics of the same groups.
  mutating func restore(levels named: [String: ChosenEstimate], steps saved: StepStatistics?) {
    levels?.restore(named)
    if steps != nil, let saved { steps = saved }
  }

  /// Adds the buckets of a layer that was rounded to levels.
  mutating func observe(_ layer: PreparedLayer, _ values: UnsafeBufferPointer<Float>, _ symbols: LevelSymbols) {
    levels?.observe(layer, values, symbols)
  }

  /// Adds coordinates of a layer of the vector `values` that was dithered at the scale of the vector.
  mutating func observe(_ layer: PreparedLayer, of values: UnsafeBufferPointer<Float>, scale: Float) {
    steps?.observe(values, layer.layer.range, type: layer.layer.type, scale: scale)
  }

  /// Adds the size of a frame.
  mutating func observe(frameBits: Int) { steps?.observe(frameBits: frameBits) }

  /// The message of this rank.
  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    levels?.encode(to: &writer)
    steps?.encode(to: &writer)
    return writer.bytes
  }

  /// Forgets what was observed, except where moments run on.
  mutating func startWindow(epoch: UInt32) {
    levels?.startWindow(epoch: epoch)
    steps?.startWindow()
  }

  /// The plans that everybody's statistics give, pooled in rank order.
  func adapted(_ plan: QuantizationPlan, messages: [[UInt8]]) throws(ExchangeError) -> [LayerType: LayerPlan] {
    var readers = messages.map { ByteReader($0[...]) }
    var plans = try levels?.adapted(plan, messages: &readers) ?? [:]
    if var pooled = steps, let bits = agreement.bits {
      pooled.startWindow()
      for rank in readers.indices {
        do { try pooled.merge(&readers[rank]) } catch { throw .statistics(rank: rank, error) }
      }
      plans.merge(pooled.adapted(plan, bits: bits)) { $1 }
    }
    for (rank, reader) in readers.enumerated() where reader.remaining > 0 {
      throw .statistics(rank: rank, .trailingBytes(count: reader.remaining))
    }
    return plans
  }
}
