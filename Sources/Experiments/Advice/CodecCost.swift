import Collectives
import Foundation
import GradientExchange
import LaminaNumerics
import Quantization
import WireFormat

/// What a codec costs on this machine, in seconds a coordinate of one thread.
package struct CodecCost: Hashable, Sendable, Codable {
  /// Making a frame.
  package var encode: Double
  /// Reading a frame and adding its vector to a sum.
  package var accumulate: Double
  /// A scatter-reduce of a worker alone, which owns all pieces: encoding, adding up, publishing and reading the means.
  package var scatterReduce: Double
  /// The bits of a coordinate, everything in the frame counted.
  package var bits: Double

  /// A codec that costs this.
  package init(encode: Double, accumulate: Double, scatterReduce: Double, bits: Double) {
    self.encode = encode
    self.accumulate = accumulate
    self.scatterReduce = scatterReduce
    self.bits = bits
  }

  /// Measures a codec on Gaussian coordinates: the least of several runs.
  ///
  /// - Parameters:
  ///   - kind: The codec.
  ///   - count: The coordinates of the frame, at least 1.
  ///   - repetitions: How often, at least 1.
  /// - Throws: Never for the codecs of ``CodecKind``.
  package init(measuring kind: CodecKind, count: Int, repetitions: Int = 5) throws {
    let map = try LayerMap([Layer(name: "vector", type: .linear, range: 0..<count)])
    let plan = try QuantizationPlan(map: map, plans: [.linear: kind.plan], seed: 1)
    var codec = ExchangeCodec(plan: plan, rank: 0)
    var alone = QuantizedExchange(
      plan: plan, group: SoloCollective(), options: ExchangeOptions(reduction: .scatterReduce))
    let vector = DistortionSource.gaussian.sample(count: count, key: RandomKey(seed: 1))
    var sum = [Float](repeating: 0, count: count)
    var encoding = Double.infinity
    var accumulating = Double.infinity
    var scattering = Double.infinity
    var size = 0
    let clock = ContinuousClock()
    for step in 0..<UInt64(repetitions) {
      let start = clock.now
      let frame = try codec.encode(vector, step: step)
      let middle = clock.now
      try codec.accumulate(frame.bytes, step: step, rank: 0, into: &sum)
      encoding = min(encoding, (middle - start).inSeconds)
      let end = clock.now
      _ = try alone.average(vector, step: step)
      scattering = min(scattering, (clock.now - end).inSeconds)
      accumulating = min(accumulating, (end - middle).inSeconds)
      size = frame.bytes.count
    }
    self.init(
      encode: encoding / Double(count), accumulate: accumulating / Double(count),
      scatterReduce: scattering / Double(count), bits: 8 * Double(size) / Double(count))
  }
}
