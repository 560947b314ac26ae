import Collectives
import WireFormat

/// Every worker's frame goes to every worker: ``Reduction/allGather``.
struct GatherReduction<Group: Collective>: VectorReduction {
  private let group: Group
  private var codec: ExchangeCodec

  init(plan: QuantizationPlan, group: Group, options: ExchangeOptions) {
    self.group = group
    codec = ExchangeCodec(
      plan: plan, rank: group.rank, nonFinite: options.nonFinite, threads: options.threads)
  }

  var plan: QuantizationPlan { codec.plan }
  var own: [Float] { codec.own }
  var traffic: TrafficReport { codec.traffic }

  mutating func reduce(
    _ local: LocalVector, step: UInt64, into mean: UnsafeMutableBufferPointer<Float>,
    observer: inout AgreementState?, times: inout ExchangeTimes
  ) throws(ExchangeError) -> ExchangeTally {
    let start = ContinuousClock.now
    let frame = try codec.encode(local, step: step, observer: &observer)
    observer?.observe(frameBits: 8 * frame.bytes.count)
    times.encode += seconds(since: start)

    let sent = ContinuousClock.now
    let frames = try group.startAllGather(frame.bytes).result()
    codec.traffic.sentBytes += frame.bytes.count * (group.worldSize - 1)
    times.exchange += seconds(since: sent)

    let received = ContinuousClock.now
    var tally = ExchangeTally(
      squaredError: frame.squaredError, squaredNorm: frame.squaredNorm, exactBuckets: frame.exactBuckets)
    mean.update(repeating: 0)
    for (rank, bytes) in frames.enumerated() {
      let header: FrameHeader
      if rank == group.rank, let known = codec.accumulate(own: frame, receivedAs: bytes, into: mean) {
        header = known
      } else {
        do { header = try codec.accumulate(bytes, step: step, rank: rank, into: mean) } catch {
          throw .frame(rank: rank, error)
        }
      }
      tally.squaredNorms += header.squaredNorm
      tally.squaredChanges += header.squaredChange
    }
    divide(mean, by: group.worldSize)
    times.decode += seconds(since: received)
    return tally
  }

  func subtractOwn(from vector: UnsafeMutableBufferPointer<Float>) { subtract(codec.own, from: vector) }

  mutating func adopt(_ plan: QuantizationPlan) { codec.adopt(plan) }

  mutating func restore(own: [Float], traffic: TrafficReport) { codec.restore(own: own, traffic: traffic) }

  mutating func count(agreementBits: Int, sentBytes: Int) {
    codec.traffic.agreement += agreementBits
    codec.traffic.sentBytes += sentBytes
  }
}

extension PendingCall {
  /// Waits for the result, as an exchange reports failures.
  func result() throws(ExchangeError) -> [[UInt8]] {
    do { return try wait() } catch { throw .collective(error) }
  }
}
