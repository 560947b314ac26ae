import LaminaNumerics
import Quantization
import WireFormat

extension QuantizationPlan {
  /// The root mean square of all coordinates that are dithered at the scale of the vector.
  func scale(of local: [Float]) -> Float {
    var scale = RootMeanSquare()
    local.withUnsafeBufferPointer { local in
      for layer in map.layers {
        guard let quantizer = plans[layer.type]?.ditheredQuantizer, quantizer.scope == .vector else { continue }
        scale.add(UnsafeBufferPointer(rebasing: local[layer.range]), bucketSize: quantizer.bucketSize)
      }
    }
    return scale.scale
  }
}

extension ExchangeCodec {

  /// Encodes a dithered layer and decodes it into the own vector.
  ///
  /// - Returns: How many of its buckets travel exactly.
  mutating func encodeDithered(
    _ local: [Float], layer: PreparedLayer, key: RandomKey, vectorScale: Float?, tally: inout VectorTally
  ) -> Int {
    let range = layer.layer.range
    let took = own.withUnsafeMutableBufferPointer { own in
      previous.withUnsafeBufferPointer { previous in
        local.withUnsafeBufferPointer { local in
          writer.append(
            dithered: UnsafeBufferPointer(rebasing: local[range]), of: layer, key: key, vectorScale: vectorScale,
            memory: &memory, decoded: DecodedLayer(values: own, before: previous)[range], tally: &tally)
        }
      }
    }
    traffic.byType[layer.layer.type, default: LayerTraffic()] += took.traffic
    return took.exactBuckets
  }
}
