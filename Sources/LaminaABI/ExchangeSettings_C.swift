internal import CLamina
import GradientExchange
import Quantization
import WireFormat

extension ExchangeOptions {
  /// The options that C gives, for a group of `worldSize` workers under `plan`.
  init(_ options: lamina_exchange_options, worldSize: Int, plan: QuantizationPlan) throws(Failure) {
    guard (1...1024).contains(options.threads) else {
      throw .argument("A call uses 1 to 1024 threads, not \(options.threads).")
    }
    guard options.retries <= 1000 else {
      throw .argument("Messages are sent again 0 to 1000 times, not \(options.retries).")
    }
    let reduction: Reduction
    switch options.reduction {
    case Failure.code(LAMINA_SUITABLE): reduction = .suitable(worldSize: worldSize, plan: plan)
    case Failure.code(LAMINA_ALL_GATHER): reduction = .allGather
    case Failure.code(LAMINA_SCATTER_REDUCE):
      guard plan.coding == .main else { throw .plan("A scatter-reduce needs a plan under the Main protocol.") }
      reduction = .scatterReduce
    default: throw .argument("No reduction has the number \(options.reduction).")
    }
    self.init(reduction: reduction, threads: Int(options.threads), retries: Int(options.retries))
  }
}

extension LevelAgreement {
  /// The agreement that C describes.
  init(_ adaptation: lamina_adaptation) throws(Failure) {
    guard adaptation.interval >= 1, adaptation.window >= 1 else {
      throw .argument("The interval and the window of an adaptation are at least 1.")
    }
    guard adaptation.window <= 1 << 20 else {
      throw .argument("The window of an adaptation is at most 2²⁰, not \(adaptation.window).")
    }
    guard [0, 2, 3, 4, 5, 6, 7, 8].contains(adaptation.shared_width) else {
      throw .argument("Fields that layer types share out have 2 to 8 bits, not \(adaptation.shared_width).")
    }
    guard adaptation.bits == 0 || (0.1...16).contains(adaptation.bits) else {
      throw .argument("A budget is 0.1 to 16 bits a coordinate, not \(adaptation.bits).")
    }
    let early = Array(try buffer(adaptation.early, adaptation.early_count, "early"))
    self.init(
      method: try AdaptationMethod(adaptation.method), grouping: adaptation.is_global == 0 ? .layerWise : .global,
      sharedWidth: adaptation.shared_width == 0 ? nil : Int(adaptation.shared_width),
      bits: adaptation.bits == 0 ? nil : adaptation.bits,
      schedule: LevelSchedule(early: early, interval: adaptation.interval, window: adaptation.window))
  }
}

extension AdaptationMethod {
  init(_ number: lamina_method) throws(Failure) {
    switch number {
    case Failure.code(LAMINA_FIXED): self = .fixed
    case Failure.code(LAMINA_ALQ): self = .alq
    case Failure.code(LAMINA_ALQ_GRADIENT): self = .alqGradient
    case Failure.code(LAMINA_AMQ): self = .amq
    case Failure.code(LAMINA_AMQ_ZERO): self = .amqWithZero
    case Failure.code(LAMINA_OPTIMAL): self = .optimal
    case Failure.code(LAMINA_LLOYD): self = .lloyd
    default: throw .argument("No method of fitting levels has the number \(number).")
    }
  }
}

extension lamina_exchange_report {
  init(_ outcome: ExchangeOutcome) {
    self.init(
      squared_error: outcome.tally.squaredError, squared_norm: outcome.tally.squaredNorm,
      squared_norms: outcome.tally.squaredNorms, squared_changes: outcome.tally.squaredChanges,
      exact_buckets: UInt64(outcome.tally.exactBuckets), bits: UInt64(outcome.traffic.totalBits),
      sent_bytes: UInt64(outcome.traffic.sentBytes), encode_seconds: outcome.times.encode,
      exchange_seconds: outcome.times.exchange, decode_seconds: outcome.times.decode,
      agree_seconds: outcome.times.agree, level_epoch: outcome.levelEpoch)
  }
}
