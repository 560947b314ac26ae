import EntropyCoding
public import LaminaNumerics
public import Quantization

extension PreparedLayer {
  /// The coordinates of a block of a dithered layer: whole buckets, 2¹⁹ coordinates unless a bucket is larger.
  package static func blockSize(of quantizer: DitheredQuantizer) -> Int {
    max(1, RANSCode.blockSize / quantizer.bucketSize) * quantizer.bucketSize
  }
}

extension FrameWriter {
  /// Appends the scale that all dithered quantizers of the scope of the vector share; in front of the first layer.
  public mutating func append(vectorScale: Float) { payload.append(vectorScale) }

  /// Quantizes and appends a dithered layer, block by block.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the layer.
  ///   - layer: A dithered layer.
  ///   - key: The key of the layer.
  ///   - vectorScale: The scale of the vector, where the layer's quantizer has that scope.
  ///   - block: Memory for a block.
  ///   - take: Is shown every block with its first bucket and its place in the layer.
  /// - Returns: What the layer took.
  public mutating func append(
    dithered values: UnsafeBufferPointer<Float>, of layer: PreparedLayer, key: RandomKey, vectorScale: Float?,
    block: inout DitheredBlock, take: (DitheredBlock, Int, Range<Int>) -> Void
  ) -> LayerTraffic {
    guard let quantizer = layer.ditheredQuantizer else {
      preconditionFailure("Layer '\(layer.layer.name)' is not dithered")
    }
    var traffic = LayerTraffic()
    var shared = vectorScale
    if quantizer.scope == .layer {
      let scale = RootMeanSquare(of: values, bucketSize: quantizer.bucketSize).scale
      payload.append(scale)
      traffic.norms += 32
      shared = scale
    }
    let sample = DitherSample(of: values, quantizer: quantizer, sharedScale: shared, key: key)
    let model = DitherModel.fitted(to: sample, count: values.count)
    let start = payload.bytes.count
    payload.append(model)
    traffic.overhead += 8 * (payload.bytes.count - start)
    let size = PreparedLayer.blockSize(of: quantizer)
    for start in stride(from: 0, to: values.count, by: size) {
      let range = start..<min(start + size, values.count)
      quantizer.quantize(
        UnsafeBufferPointer(rebasing: values[range]), firstBucket: start / quantizer.bucketSize, sharedScale: shared,
        key: key, rawBits: model.rawBits, into: &block)
      let hasScales = if case .bucket? = quantizer.scope { true } else { false }
      append(block, model: model, hasScales: hasScales, traffic: &traffic)
      take(block, start / quantizer.bucketSize, range)
    }
    return traffic
  }

  private mutating func append(
    _ block: DitheredBlock, model: DitherModel, hasScales: Bool, traffic: inout LayerTraffic
  ) {
    var part = ByteWriter()
    part.reserve(block.numbers.count)
    if hasScales {
      part.append(block.scales)
      traffic.norms += 32 * block.scales.count
    } else {
      part.append(marksOf: block.scales)
      traffic.overhead += 8 * part.bytes.count
    }
    part.append(block.exact)
    let head = part.bytes.count
    part.append(coded(block, model: model))
    let size = varintSize(UInt64(part.bytes.count))
    traffic.symbols += 32 * block.exact.count + 8 * (part.bytes.count - head)
    traffic.overhead += 8 * size
    payload.append(varint: UInt64(part.bytes.count))
    payload.append(part.bytes)
  }

  /// The numbers, then the raw bits, then the escapes.
  private func coded(_ block: DitheredBlock, model: DitherModel) -> [UInt8] {
    var bits = BitWriter(byteCapacity: block.numbers.count)
    model.code.encode(block.numbers.span, base: 0, to: &bits)
    if model.rawBits > 0 {
      let packing = VerticalPacking(width: model.rawBits, hasSign: false)
      var fields = [UInt8](repeating: 0, count: packing.byteCount(of: block.lows.count))
      block.lows.withUnsafeBufferPointer { lows in
        fields.withUnsafeMutableBytes { packing.pack(lows, into: $0) }
      }
      bits.write(bytes: fields)
    }
    for high in block.escapes {
      bits.write(gamma: UInt64(high.magnitude - 15))
      bits.write(bit: high < 0)
    }
    return bits.finish()
  }
}

extension ByteWriter {
  /// The buckets without live coordinates: their number, then for each the buckets between it and the one before, twice,
  /// plus 1 where it travels exactly.
  fileprivate mutating func append(marksOf scales: [Float]) {
    var marks: [UInt64] = []
    var next = 0
    for (bucket, scale) in scales.enumerated() where !LevelSymbols.isOrdinary(scale) {
      marks.append(UInt64(2 * (bucket - next)) + (scale.isNaN ? 1 : 0))
      next = bucket + 1
    }
    append(varint: UInt64(marks.count))
    for mark in marks { append(varint: mark) }
  }
}
