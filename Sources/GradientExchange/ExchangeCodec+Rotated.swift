import LaminaNumerics
import Quantization
import WireFormat

extension ExchangeCodec {
  /// Encodes a rotated layer and decodes it into the own vector.
  ///
  /// - Returns: How many of its blocks travel exactly.
  mutating func encodeRotated(
    _ values: UnsafeBufferPointer<Float>, layer: PreparedLayer, key: RandomKey, tally: inout VectorTally
  ) -> Int {
    let took = vectors.withLayer(layer.layer.range) { decoded in
      let took = writer.append(
        rotated: values, of: layer, key: key, memory: &rotatedMemory, decoded: decoded?.values)
      if let decoded { tally.add(decoded, wanted: values) }
      return took
    }
    traffic.byType[layer.layer.type, default: LayerTraffic()] += took.traffic
    return took.exactBuckets
  }
}
