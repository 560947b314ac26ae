public import Collectives
import Foundation
import GradientExchange
import Quantization
import WireFormat

/// Predicts how long a training step takes under an exchange scheme.
///
/// A step computes for a given time and then exchanges. An all-gather encodes, sends and decodes one after the other; a
/// scatter-reduce does all at once but for the first and the last of its rounds. What the model leaves out: contention
/// inside the network, and the overlap of an exchange with the backward pass.
package struct StepModel: Sendable {
  /// The coordinates of a gradient.
  package var dimension: Int
  /// The workers, K.
  package var workers: Int
  /// The link of each worker; its bandwidth is that of payload.
  package var link: LinkModel
  /// The seconds that a worker computes in a step.
  package var compute: Double
  /// Workers that share one processor core while they encode and decode, at least 1.
  package var workersPerCore = 1.0
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

  /// The prediction for a scheme, nil where its codec was not measured.
  package func prediction(for scheme: ExchangeScheme) -> Prediction? {
    switch scheme {
    case .allReduce(let bits):
      let length = dimension * bits / 8
      let bytes = 2 * Double(workers - 1) / Double(workers) * Double(length)
      return prediction(
        bytes: bytes, network: link.allReduceSeconds(worldSize: workers, length: length), codec: 0, overlap: 0)
    case .levels(_, let reduction), .dithered(_, let reduction):
      guard let kind = scheme.codec, let cost = codecs[kind] else { return nil }
      return reduction == .allGather ? allGather(cost) : scatterReduce(cost, kind)
    }
  }

  private func allGather(_ cost: CodecCost) -> Prediction {
    let length = Int(cost.bits * Double(dimension) / 8)
    let codec = Double(dimension) * (cost.encode + Double(workers) * cost.accumulate)
    return prediction(
      bytes: Double(workers - 1) * Double(length),
      network: link.allGatherSeconds(lengths: Array(repeating: length, count: workers)), codec: codec, overlap: 0)
  }

  private func scatterReduce(_ cost: CodecCost, _ kind: CodecKind) -> Prediction {
    let share = Double(dimension) / Double(workers)
    let others = Double(workers - 1) * share
    var bits = cost.bits
    // Of what a worker alone does, one of several publishes only its share of the means.
    var coded = Double(dimension) * cost.scatterReduce - others * cost.encode
    if case .dithered = kind, workers <= DitheredSum.mostWorkers {
      // Sums of integers are wider by half a bit for every doubling, and every worker's dither is drawn again.
      bits += 0.5 * log2(Double(workers))
      coded += Double(dimension) * Double(workers - 1) * cost.accumulate / 3
    }
    let received = others * (cost.bits + bits) / 8
    let network =
      2 * Double(workers - 1) * link.latency + received / link.bandwidth
    let rounds = max(1, Double(dimension) / Double(workers * ExchangeOptions().pieceSize))
    return prediction(bytes: received, network: network, codec: coded, overlap: 1 - 1 / rounds)
  }

  /// The prediction where the shorter of codec and network runs, in the share `overlap`, beside the longer.
  private func prediction(bytes: Double, network: Double, codec: Double, overlap: Double) -> Prediction {
    let codec = codec * max(1, workersPerCore)
    let exchange = workers == 1 ? 0 : network + codec - overlap * min(network, codec)
    return Prediction(bytes: bytes, network: network, codec: codec, exchange: exchange, step: compute + exchange)
  }
}
