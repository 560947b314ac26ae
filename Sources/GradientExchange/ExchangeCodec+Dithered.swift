import LaminaNumerics
import Quantization
import WireFormat

extension QuantizationPlan {
  /// The root mean square of all coordinates that are dithered at the scale of the vector.
  func scale(of local: UnsafeBufferPointer<Float>) -> Float {
    var scale = RootMeanSquare()
    for layer in map.layers {
      guard let quantizer = plans[layer.type]?.ditheredQuantizer, quantizer.scope == .vector else { continue }
      scale.add(UnsafeBufferPointer(rebasing: local[layer.range]), bucketSize: quantizer.bucketSize)
    }
    return scale.scale
  }
}

extension ExchangeCodec {

  /// Encodes a dithered layer and decodes it into the own vector.
  ///
  /// - Returns: How many of its buckets travel exactly.
  mutating func encodeDithered(
    _ values: UnsafeBufferPointer<Float>, layer: PreparedLayer, key: RandomKey, vectorScale: Float?,
    tally: inout VectorTally
  ) -> Int {
    let took = vectors.withLayer(layer.layer.range) { decoded in
      writer.append(
        dithered: values, of: layer, key: key, vectorScale: vectorScale, memory: &memory, decoded: decoded,
        tally: &tally)
    }
    traffic.byType[layer.layer.type, default: LayerTraffic()] += took.traffic
    return took.exactBuckets
  }
}
