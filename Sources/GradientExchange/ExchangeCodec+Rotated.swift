import LaminaNumerics
import Quantization
import WireFormat

extension ExchangeCodec {
  /// Encodes a rotated layer and decodes it into the own vector.
  ///
  /// - Returns: How many of its blocks travel exactly.
  mutating func encodeRotated(_ local: [Float], layer: PreparedLayer, key: RandomKey) -> Int {
    let range = layer.layer.range
    let took = own.withUnsafeMutableBufferPointer { own in
      local.withUnsafeBufferPointer { local in
        writer.append(
          rotated: UnsafeBufferPointer(rebasing: local[range]), of: layer, key: key, memory: &rotatedMemory,
          decoded: UnsafeMutableBufferPointer(rebasing: own[range]))
      }
    }
    traffic.byType[layer.layer.type, default: LayerTraffic()] += took.traffic
    return took.exactBuckets
  }
}
