public import Collectives
public import WireFormat

/// Averages layered vectors over a group of workers, each in few bits, by one of two reductions.
///
/// Every rank adds up what the same bytes decode to, in the same order, its own included, so that all hold the same mean
/// bit for bit.
/// A plan that sends every type exactly is the full-precision twin.
public struct QuantizedExchange<Group: Collective> {
  /// The workers.
  public let group: Group
  /// The same workers, for all messages of this exchange: damaged ones are sent again as often as the options say. What
  /// else the workers tell each other during a run may go through it, too.
  public let link: ReliableCollective<Group>
  /// Seconds spent so far.
  public private(set) var times = ExchangeTimes()
  /// The last exchange, for reports.
  public private(set) var last: ExchangeTally?

  private var reduction: any VectorReduction
  private var agreement: AgreementState?
  private var retried: RetryTraffic?

  /// An exchange under `plan`.
  ///
  /// - Parameters:
  ///   - plan: The same on every rank.
  ///   - group: The workers.
  ///   - agreement: How levels adapt; nil keeps levels and codes.
  ///   - options: How the exchange works. A scatter-reduce needs a plan under the Main protocol.
  public init(
    plan: QuantizationPlan, group: Group, agreement: LevelAgreement? = nil,
    options: ExchangeOptions = ExchangeOptions()
  ) {
    self.group = group
    let link = ReliableCollective(group, retries: options.retries)
    self.link = link
    retried = options.retries > 0 ? RetryTraffic() : nil
    reduction =
      switch options.reduction {
      case .allGather: GatherReduction(plan: plan, group: link, options: options)
      case .scatterReduce: ScatterReduction(plan: plan, group: link, options: options)
      }
    self.agreement = agreement.flatMap { AgreementState($0, plan: plan, rank: group.rank) }
  }

  /// The plan in force.
  public var plan: QuantizationPlan { reduction.plan }

  /// Subtracts what all ranks decoded of this rank's last vector from `vector`: what is left is the error of sending it.
  package func subtractOwn(from vector: UnsafeMutableBufferPointer<Float>) throws(ExchangeError) {
    guard vector.count == plan.map.dimension else {
      throw .dimension(expected: plan.map.dimension, found: vector.count)
    }
    reduction.subtractOwn(from: vector)
  }

  /// What this rank sent.
  public var traffic: TrafficReport {
    var traffic = reduction.traffic
    traffic.retries = retried
    return traffic
  }

  /// All that later calls depend on; ``restore(_:)`` takes it back.
  public var state: ExchangeState {
    let saved = agreement?.saved
    return ExchangeState(
      plan: reduction.plan.encoded(), own: reduction.own, statistics: saved?.levels ?? [:], steps: saved?.steps,
      traffic: traffic)
  }

  /// The state in bytes, but for the own vector.
  package var savedState: [UInt8] { state.encoded() }

  /// Goes on from a state of the same rank under a plan for the same layers.
  ///
  /// - Parameter state: What ``state`` was.
  /// - Throws: ``ExchangeError/agreement(_:)`` where the plan cannot be read or is for other layers, or
  ///   ``ExchangeError/dimension(expected:found:)``.
  public mutating func restore(_ state: ExchangeState) throws(ExchangeError) {
    guard state.own.count == plan.map.dimension else {
      throw .dimension(expected: plan.map.dimension, found: state.own.count)
    }
    try adopt(state.plan)
    reduction.restore(own: state.own, traffic: state.traffic)
    if let before = state.traffic.retries { retried = before }
    agreement?.restore(levels: state.statistics, steps: state.steps)
  }

  /// Takes a place in a group that was at `state`, as a worker that had none in it.
  ///
  /// The plan is that of the group. Its vector before is zero, so that the change of its first vector is that vector's
  /// own norm: sums of changes grow by it, and step sizes that fall with them stay sound. It has observed nothing and
  /// sent nothing yet.
  ///
  /// - Parameter state: What ``state`` was on any rank of the group.
  /// - Throws: ``ExchangeError/agreement(_:)`` where the plan cannot be read or is for other layers.
  public mutating func join(_ state: ExchangeState) throws(ExchangeError) {
    try adopt(state.plan)
    let (dimension, epoch) = (plan.map.dimension, plan.levelEpoch)
    reduction.restore(own: [Float](repeating: 0, count: dimension), traffic: TrafficReport(dimension: dimension))
    agreement?.startWindow(epoch: epoch)
  }

  /// Sends `local` to all workers and averages what all sent.
  ///
  /// Levels are updated before, where the schedule says so.
  ///
  /// - Parameters:
  ///   - local: The dual vector of this rank, of the dimension of the layer map.
  ///   - step: The number of exchanges before this one in the run.
  /// - Returns: The mean and its tallies.
  /// - Throws: ``ExchangeError``.
  public mutating func average(_ local: [Float], step: UInt64) throws(ExchangeError) -> ExchangedMean {
    var exchanged = ExchangedMean(mean: [Float](repeating: 0, count: local.count), tally: ExchangeTally())
    exchanged.tally = try average(local, step: step, into: &exchanged.mean)
    return exchanged
  }

  /// The same into memory that is there already: long vectors spare the time in which the system clears new pages.
  ///
  /// - Parameters:
  ///   - local: The dual vector of this rank, of the dimension of the layer map.
  ///   - step: The number of exchanges before this one in the run.
  ///   - mean: Replaced by the mean; of the same dimension.
  /// - Returns: The tallies.
  /// - Throws: ``ExchangeError``; then nobody knows what `mean` holds.
  public mutating func average(
    _ local: [Float], step: UInt64, into mean: inout [Float]
  ) throws(ExchangeError) -> ExchangeTally {
    try mean.withUnsafeMutableBufferPointer { (mean) throws(ExchangeError) in
      try local.withUnsafeBufferPointer { (local) throws(ExchangeError) in
        try average(LocalVector(local), step: step, into: mean)
      }
    }
  }

  /// Sends a vector that is still being computed, part by part as it becomes ready, and averages what all sent.
  ///
  /// The mean is, bit for bit, that of ``average(_:step:)-([Float],_)`` of the finished vector; ranks may mix the two.
  ///
  /// - Parameters:
  ///   - local: The dual vector of this rank, of the dimension of the layer map, which another thread completes.
  ///   - step: The number of exchanges before this one in the run.
  /// - Returns: The mean and its tallies.
  /// - Throws: ``ExchangeError``; after ``ExchangeError/abandoned`` the workers are not at one any more: the exchange
  ///   cannot go on, and its ``state`` is of no use.
  public mutating func average(_ local: PendingVector, step: UInt64) throws(ExchangeError) -> ExchangedMean {
    var exchanged = ExchangedMean(mean: [Float](repeating: 0, count: local.dimension), tally: ExchangeTally())
    exchanged.tally = try exchanged.mean.withUnsafeMutableBufferPointer { (mean) throws(ExchangeError) in
      try average(LocalVector(local), step: step, into: mean)
    }
    return exchanged
  }

  /// The same into memory that need not be an array; it may be that of the vector, which is sent before it is replaced.
  package mutating func average(
    _ local: PendingVector, step: UInt64, into mean: UnsafeMutableBufferPointer<Float>
  ) throws(ExchangeError) -> ExchangeTally {
    try average(LocalVector(local), step: step, into: mean)
  }

  private mutating func average(
    _ local: LocalVector, step: UInt64, into mean: UnsafeMutableBufferPointer<Float>
  ) throws(ExchangeError) -> ExchangeTally {
    for count in [local.count, mean.count] where count != plan.map.dimension {
      throw .dimension(expected: plan.map.dimension, found: count)
    }
    if let agreement, agreement.agreement.schedule.isUpdate(step) { try agreeOnLevels() }
    let before = LinkMark(link)
    var observer: AgreementState?
    let isObserved = agreement?.agreement.schedule.isObserved(step) ?? false
    if isObserved { swap(&observer, &agreement) }
    defer { if isObserved { swap(&observer, &agreement) } }
    let tally = try reduction.reduce(local, step: step, into: mean, observer: &observer, times: &times)
    countRetries(since: before)
    last = tally
    return tally
  }

  private func gather(_ message: [UInt8]) throws(ExchangeError) -> [[UInt8]] {
    do { return try link.allGather(message) } catch { throw .collective(error) }
  }

  /// Pools the statistics, lets rank 0 adapt levels and codes, and adopts what it broadcasts.
  ///
  /// Only one rank computes, because the last bit of a logarithm differs between machines.
  ///
  /// - Throws: ``ExchangeError``.
  public mutating func agreeOnLevels() throws(ExchangeError) {
    guard var agreement else { return }
    let before = LinkMark(link)
    let start = ContinuousClock.now
    let message = agreement.encoded()
    times.agree += seconds(since: start)

    let sent = ContinuousClock.now
    let messages = try gather(message)
    times.exchange += seconds(since: sent)

    let received = ContinuousClock.now
    var announcement = group.rank == 0 ? try announcement(of: agreement, messages: messages) : []
    times.agree += seconds(since: received)

    let announcing = ContinuousClock.now
    do { try link.broadcast(&announcement, from: 0) } catch { throw .collective(error) }
    times.exchange += seconds(since: announcing)

    try adopt(announcement)
    let announced = group.rank == 0 ? announcement.count : 0
    reduction.count(
      agreementBits: 8 * (message.count + announced), sentBytes: (message.count + announced) * (group.worldSize - 1))
    countRetries(since: before)
    agreement.startWindow(epoch: reduction.plan.levelEpoch)
    self.agreement = agreement
  }

  /// Adds what the link has taken beyond the messages. Only what this exchange sent: others may use the link between
  /// two calls, and a checkpoint lies between them, too.
  private mutating func countRetries(since before: LinkMark) {
    guard link.retries > 0 else { return }
    let now = LinkMark(link)
    reduction.count(agreementBits: 0, sentBytes: now.bytes - before.bytes)
    retried?.messages += now.messages - before.messages
    retried?.bits += now.bits - before.bits
  }

  /// The encoded plan that everybody's statistics give.
  private func announcement(of agreement: AgreementState, messages: [[UInt8]]) throws(ExchangeError) -> [UInt8] {
    var plan = reduction.plan
    let adapted = try agreement.adapted(plan, messages: messages)
    do { try plan.adopt(adapted) } catch { throw .plan(error) }
    return plan.encoded()
  }

  private mutating func adopt(_ announcement: [UInt8]) throws(ExchangeError) {
    let plan: QuantizationPlan
    do { plan = try QuantizationPlan(decoding: announcement[...]) } catch { throw .agreement(error) }
    guard plan.map == reduction.plan.map, plan.seed == reduction.plan.seed else {
      throw .agreement(.planMismatch(expected: reduction.plan.digest, found: plan.digest))
    }
    reduction.adopt(plan)
  }
}

/// What a link had taken beyond its messages at some time.
private struct LinkMark {
  let bytes: Int
  let bits: Int
  let messages: Int

  init(_ link: ReliableCollective<some Collective>) {
    bytes = link.extraBytes
    bits = link.extraBits
    messages = link.resent.reduce(0, +)
  }
}
