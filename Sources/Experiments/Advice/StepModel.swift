public import Collectives
import Foundation
import GradientExchange
import Quantization
import WireFormat

/// Predicts how long a training step takes under an exchange scheme.
///
/// A step computes for a given time and then exchanges. An all-gather encodes, sends and decodes one after the other; a
/// scatter-reduce does all at once but for the first and the last of its rounds. The network is either given, as a
/// bandwidth, a latency and what the transport costs the processors, or measured. What the model leaves out: contention
/// inside a given network, and the overlap of an exchange with the backward pass.
package struct StepModel: Sendable {
  /// The coordinates of a gradient.
  package var dimension: Int
  /// The workers, K.
  package var workers: Int
  /// The link of each worker; its bandwidth is that of payload.
  package var link: LinkModel
  /// The seconds that a worker computes in a step.
  package var compute: Double
  /// Workers that share one processor core while they encode, decode and send, at least 1.
  package var workersPerCore = 1.0
  /// The processor seconds that a worker takes for each byte that it sends or receives; not negative.
  package var transport = 0.0
  /// What calls were measured to take between these workers, instead of what the link is said to be; nil where they were
  /// not. It is for Lamina's exchanges: the all-reduce of full precision has a way of its own.
  package var measured: MeasuredNetwork?
  /// The codecs, measured.
  package var codecs: [CodecKind: CodecCost]

  /// The share of a link's bits that are payload: TCP over Ethernet with frames of 1514 bytes, 1448 of them payload.
  package static let payloadShare = 1448.0 / 1514

  /// A model.
  package init(
    dimension: Int, workers: Int, link: LinkModel, compute: Double, workersPerCore: Double = 1,
    codecs: [CodecKind: CodecCost]
  ) {
    self.dimension = dimension
    self.workers = workers
    self.link = link
    self.compute = compute
    self.workersPerCore = workersPerCore
    self.codecs = codecs
  }

  /// What a step under one scheme takes.
  package struct Prediction: Hashable, Sendable, Codable {
    /// The bytes that a worker receives.
    package let bytes: Double
    /// The seconds that these take on the link.
    package let network: Double
    /// The seconds of encoding and decoding.
    package let codec: Double
    /// The seconds of the exchange, less than the sum of both where they overlap.
    package let exchange: Double
    /// The seconds of the whole step.
    package let step: Double
  }

  /// Predicts a step.
  ///
  /// - Parameters:
  ///   - scheme: The scheme.
  ///   - codecSeconds: What encoding and decoding were measured to take in one exchange of these workers; nil to derive
  ///     it from the cost of a coordinate.
  /// - Returns: The prediction, nil where the scheme's codec was not measured.
  package func prediction(for scheme: ExchangeScheme, codecSeconds: Double? = nil) -> Prediction? {
    switch scheme {
    case .allReduce(let bits):
      let length = dimension * bits / 8
      let bytes = 2 * Double(workers - 1) / Double(workers) * Double(length)
      let time = NetworkTime(
        link: link.allReduceSeconds(worldSize: workers, length: length), processor: processor(bytes: bytes))
      return prediction(bytes: bytes, network: time, codec: 0, overlap: 0)
    case .levels(_, let reduction), .dithered(_, let reduction):
      guard let kind = scheme.codec, let cost = codecs[kind] else { return nil }
      return reduction == .allGather
        ? allGather(cost, seconds: codecSeconds) : scatterReduce(cost, kind, seconds: codecSeconds)
    }
  }

  private func allGather(_ cost: CodecCost, seconds: Double?) -> Prediction {
    let length = (cost.bits * Double(dimension) / 8).rounded(.down)
    let codec = Double(dimension) * (cost.encode + Double(workers) * cost.accumulate) * max(1, workersPerCore)
    return prediction(
      bytes: Double(workers - 1) * length, network: time(ofCalls: [length]), codec: seconds ?? codec, overlap: 0)
  }

  private func scatterReduce(_ cost: CodecCost, _ kind: CodecKind, seconds: Double?) -> Prediction {
    let share = Double(dimension) / Double(workers)
    let others = Double(workers - 1) * share
    var bits = cost.bits
    // Of what a worker alone does, one of several publishes only its share of the means.
    var coded = Double(dimension) * cost.scatterReduce - others * cost.encode
    // The scale of all goes ahead of dithered pieces.
    var calls = if case .dithered = kind { [4.0] } else { [Double]() }
    if case .dithered = kind, workers <= DitheredSum.mostWorkers {
      // Sums of integers are wider by half a bit for every doubling, and every worker's dither is drawn again.
      bits += 0.5 * log2(Double(workers))
      coded += Double(dimension) * Double(workers - 1) * cost.accumulate / 3
    }
    let rounds = max(1, Double(dimension) / Double(workers * ExchangeOptions().pieceSize))
    let count = max(1, Int(rounds.rounded()))
    for bits in [cost.bits, bits] { calls += Array(repeating: share * bits / 8 / Double(count), count: count) }
    return prediction(
      bytes: others * (cost.bits + bits) / 8, network: time(ofCalls: calls),
      codec: seconds ?? coded * max(1, workersPerCore), overlap: 1 - 1 / rounds)
  }

  /// What the calls of an exchange take on the network.
  private struct NetworkTime {
    /// Seconds when exchange follows exchange without rest, and when the network rested before.
    let busy, rested: Double
    /// Seconds of `rested` in which the transport keeps the cores busy.
    let processor: Double

    init(busy: Double, rested: Double, processor: Double) {
      (self.busy, self.rested, self.processor) = (busy, rested, min(processor, rested))
    }

    /// The longer of what the link and what the processors take.
    init(link: Double, processor: Double) {
      self.init(busy: max(link, processor), rested: max(link, processor), processor: processor)
    }
  }

  /// The seconds of the transport for so many bytes in each direction.
  private func processor(bytes: Double) -> Double { 2 * bytes * transport * max(1, workersPerCore) }

  /// The calls of an exchange, each with messages of a length from every worker to every other.
  private func time(ofCalls lengths: [Double]) -> NetworkTime {
    let bytes = Double(workers - 1) * lengths.reduce(0, +)
    guard let measured else {
      // Calls under way together wait for one another's latency only once: those of each direction are one.
      let directions = min(lengths.count, 2)
      let seconds = Double(directions * (workers - 1)) * link.latency + bytes / link.bandwidth
      return NetworkTime(link: seconds, processor: processor(bytes: bytes))
    }
    let calls = lengths.map { measured.call(length: $0) }
    let busy = calls.reduce(0) { $0 + $1.busy }
    // What a burst saves, it saves once.
    let rested = max(busy - measured.burst, calls.reduce(0) { $0 + $1.rested })
    return NetworkTime(busy: busy, rested: rested, processor: processor(bytes: bytes))
  }

  /// The prediction where the shorter of codec and network runs, in the share `overlap`, beside the longer.
  ///
  /// What the transport takes of the processors never runs beside the codec. The network rests while a step computes, and
  /// while the codec does; in the long run it carries no more than a network without rest.
  private func prediction(bytes: Double, network: NetworkTime, codec: Double, overlap: Double) -> Prediction {
    let (longer, shorter) = (max(network.rested, codec), min(network.rested, codec))
    let beside = max(longer + (1 - overlap) * shorter, overlap > 0 ? codec + network.processor : 0)
    let exchange = workers == 1 ? 0 : max(beside, network.busy - compute)
    return Prediction(
      bytes: bytes, network: network.rested, codec: codec, exchange: exchange, step: compute + exchange)
  }
}
