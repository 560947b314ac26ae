import LaminaNumerics
import Quantization
import WireFormat

/// Sums of frames, with nothing but the symbols of this module.
extension FrameWorkshop {
  /// The frame of the mean of `vectors`, with what it decodes to by definition.
  mutating func sum(
    of vectors: [[Float]], step: UInt64 = 0, rank: UInt16 = 0
  ) throws(WireFormatError) -> Made {
    let scale = commonScale(of: vectors)
    var mean = [Float](repeating: 0, count: plan.map.dimension)
    var integers: [Int: DitheredSum] = [:]
    var square = 0.0
    for (worker, vector) in vectors.enumerated() {
      let frame = frame(of: vector, step: step, rank: UInt16(worker), scale: scale)
      square += try FrameReader.header(of: frame.bytes[...]).squaredNorm
      try read(frame.bytes, step: step, rank: worker, into: &mean) {
        (ordinal, layer, reader, scale) throws(WireFormatError) in
        guard let quantizer = layer.linearQuantizer(workers: vectors.count) else { return false }
        var memory = memory
        var sum =
          integers.removeValue(forKey: ordinal)
          ?? DitheredSum(
            quantizer: quantizer, scale: scale ?? 1, count: layer.layer.range.count,
            keys: keys(step: step, workers: vectors.count, layer: ordinal))
        try reader.add(dithered: layer, vectorScale: scale, worker: worker, memory: &memory, to: &sum)
        integers[ordinal] = sum
        return true
      }
    }
    for i in mean.indices { mean[i] *= 1 / Float(vectors.count) }
    writer.append(workers: vectors.count)
    let sender = UInt64(FrameHeader.Kind.sum.rawValue) << 32 | UInt64(rank)
    var made = payload(of: mean, key: key(step: step, sender: sender), scale: scale, integers: integers)
    made.traffic.overhead += vectors.count < 128 ? 8 : 16
    for (ordinal, sum) in integers {
      for (i, value) in zip(prepared.layers[ordinal].layer.range, Self.values(of: sum)) {
        made.decoded[i] += value
        made.decoded[i] *= 1 / Float(vectors.count)
      }
    }
    close(&made, kind: .sum, step: step, rank: rank, square: square)
    return made
  }

  /// The root mean square over the workers of the vectors' scales.
  private func commonScale(of vectors: [[Float]]) -> Float? {
    guard plan.hasVectorScale else { return nil }
    let squares = vectors.reduce(0.0) { sum, vector in
      let scale = Double(vectorScale(of: vector) ?? 0)
      return sum + scale * scale
    }
    return LevelSymbols.canonical(Float((squares / Double(vectors.count)).squareRoot()))
  }

  /// What summed symbols stand for, coordinate by coordinate.
  private static func values(of sum: DitheredSum) -> [Float] {
    var values: [Float] = []
    for (bucket, mask) in sum.contributors.enumerated() {
      let range = sum.range(of: bucket)
      if sum.isExact[bucket] || mask == 0 {
        values +=
          sum.isExact[bucket]
          ? sum.decoded(bucket: bucket).map { $0.isNaN ? .nan : Float($0) } : [Float](repeating: 0, count: range.count)
        continue
      }
      let workers = sum.keys.indices.filter { mask >> UInt64($0) & 1 == 1 }
      let roundings = workers.map {
        DitherRounding(stream: RoundingStream(key: sum.keys[$0].folding(UInt64(bucket))), rawBits: 0)
      }
      for i in range {
        // One worker stands for the integers; the others add the middle of the cell less their dither.
        values.append(
          roundings.indices.reduce(Float(0)) { value, worker in
            let integer = worker == 0 ? sum.integers[i] : 0
            return value + roundings[worker].value(of: integer, step: sum.step, at: i - range.lowerBound)
          })
      }
    }
    return values
  }
}
