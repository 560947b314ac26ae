public import Collectives
public import WireFormat

/// The mean of the workers' decoded vectors, with what adaptive step sizes and reports need.
public struct ExchangedMean: Sendable {
  /// (1/K) Σₖ V̂ₖ, summed in rank order.
  public var mean: [Float]
  /// Σₖ ‖V̂ₖ‖².
  public var squaredNorms: Double
  /// Σₖ ‖V̂ₖ − V̂ₖ′‖², V̂ₖ′ worker k's vector of the exchange before.
  public var squaredChanges: Double
  /// ‖V̂ − V‖² of this rank.
  public var squaredError: Double
  /// ‖V‖² of this rank.
  public var squaredNorm: Double
  /// Buckets of this rank that travelled exactly because of their values.
  public var exactBuckets: Int
}

/// Averages layered vectors over a group of workers, each in few bits, with one all-gather.
///
/// Every rank decodes the same bytes in the same order, its own included, so that all hold the same mean bit for bit.
/// A plan that sends every type exactly is the full-precision twin.
public struct QuantizedExchange<Group: Collective> {
  /// The workers.
  public let group: Group
  /// Seconds spent so far.
  public private(set) var times = ExchangeTimes()
  /// The last exchange, for reports.
  public private(set) var last: ExchangedMean?

  private var codec: ExchangeCodec
  private var agreement: AgreementState?

  /// An exchange under `plan`.
  ///
  /// - Parameters:
  ///   - plan: The same on every rank.
  ///   - group: The workers.
  ///   - agreement: How levels adapt; nil keeps levels and codes.
  ///   - nonFinite: What to do with coordinates that are NaN or infinite.
  ///   - threads: How many threads this rank codes with, at least 1; frames and means do not depend on it.
  public init(
    plan: QuantizationPlan, group: Group, agreement: LevelAgreement? = nil, nonFinite: NonFinitePolicy = .send,
    threads: Int = 1
  ) {
    self.group = group
    codec = ExchangeCodec(plan: plan, rank: group.rank, nonFinite: nonFinite, threads: threads)
    self.agreement = agreement.flatMap { AgreementState($0, plan: plan, rank: group.rank) }
  }

  /// The plan in force.
  public var plan: QuantizationPlan { codec.plan }

  /// What this rank sent.
  public var traffic: TrafficReport { codec.traffic }

  /// All that later calls depend on; ``restore(_:)`` takes it back.
  public var state: ExchangeState {
    let saved = agreement?.saved
    return ExchangeState(
      plan: codec.plan.encoded(), own: codec.own, statistics: saved?.levels ?? [:], steps: saved?.steps,
      traffic: codec.traffic)
  }

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
    codec.restore(own: state.own, traffic: state.traffic)
    agreement?.restore(levels: state.statistics, steps: state.steps)
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
    if let agreement, agreement.agreement.schedule.isUpdate(step) { try agreeOnLevels() }
    let start = ContinuousClock.now
    let frame = try encode(local, step: step)
    times.encode += seconds(since: start)

    let sent = ContinuousClock.now
    let frames = try gather(frame.bytes)
    times.exchange += seconds(since: sent)

    let received = ContinuousClock.now
    var exchanged = ExchangedMean(
      mean: [Float](repeating: 0, count: local.count), squaredNorms: 0, squaredChanges: 0,
      squaredError: frame.squaredError, squaredNorm: frame.squaredNorm, exactBuckets: frame.exactBuckets)
    try add(frames, step: step, to: &exchanged)
    times.decode += seconds(since: received)
    last = exchanged
    return exchanged
  }

  private mutating func add(
    _ frames: [[UInt8]], step: UInt64, to exchanged: inout ExchangedMean
  ) throws(ExchangeError) {
    for (rank, bytes) in frames.enumerated() {
      let header: FrameHeader
      do {
        header = try codec.accumulate(bytes, step: step, rank: rank, into: &exchanged.mean)
      } catch {
        throw .frame(rank: rank, error)
      }
      exchanged.squaredNorms += header.squaredNorm
      exchanged.squaredChanges += header.squaredChange
    }
    divide(&exchanged.mean, by: group.worldSize)
  }

  private func gather(_ message: [UInt8]) throws(ExchangeError) -> [[UInt8]] {
    do { return try group.allGather(message) } catch { throw .collective(error) }
  }

  private mutating func encode(_ local: [Float], step: UInt64) throws(ExchangeError) -> EncodedFrame {
    guard let agreement, agreement.agreement.schedule.isObserved(step) else {
      return try codec.encode(local, step: step)
    }
    return try codec.encode(local, step: step, observer: &self.agreement)
  }

  /// Pools the statistics, lets rank 0 adapt levels and codes, and adopts what it broadcasts.
  ///
  /// Only one rank computes, because the last bit of a logarithm differs between machines.
  ///
  /// - Throws: ``ExchangeError``.
  public mutating func agreeOnLevels() throws(ExchangeError) {
    guard var agreement else { return }
    let start = ContinuousClock.now
    let message = agreement.encoded()
    times.agree += seconds(since: start)

    let sent = ContinuousClock.now
    let messages = try gather(message)
    times.exchange += seconds(since: sent)

    let received = ContinuousClock.now
    var announcement = group.rank == 0 ? try announcement(of: agreement, messages: messages) : []
    times.agree += seconds(since: received)

    let announced = ContinuousClock.now
    do { try group.broadcast(&announcement, from: 0) } catch { throw .collective(error) }
    times.exchange += seconds(since: announced)

    try adopt(announcement)
    codec.traffic.agreement += 8 * (message.count + (group.rank == 0 ? announcement.count : 0))
    agreement.startWindow(epoch: codec.plan.levelEpoch)
    self.agreement = agreement
  }

  /// The encoded plan that everybody's statistics give.
  private func announcement(of agreement: AgreementState, messages: [[UInt8]]) throws(ExchangeError) -> [UInt8] {
    var plan = codec.plan
    let adapted = try agreement.adapted(plan, messages: messages)
    do { try plan.adopt(adapted) } catch { throw .plan(error) }
    return plan.encoded()
  }

  private mutating func adopt(_ announcement: [UInt8]) throws(ExchangeError) {
    let plan: QuantizationPlan
    do { plan = try QuantizationPlan(decoding: announcement[...]) } catch { throw .agreement(error) }
    guard plan.map == codec.plan.map, plan.seed == codec.plan.seed else {
      throw .agreement(.planMismatch(expected: codec.plan.digest, found: plan.digest))
    }
    codec.adopt(plan)
  }
}
