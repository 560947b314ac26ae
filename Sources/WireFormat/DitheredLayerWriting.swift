import EntropyCoding
public import LaminaNumerics
import Quantization

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
  ///   - memory: The threads that share the layer, and their memory.
  /// - Returns: What the layer took, and how many of its buckets travel exactly.
  public mutating func append(
    dithered values: UnsafeBufferPointer<Float>, of layer: PreparedLayer, key: RandomKey, vectorScale: Float?,
    memory: inout DitheredMemory
  ) -> (traffic: LayerTraffic, exactBuckets: Int) {
    var tally = VectorTally()
    return append(
      dithered: values, of: layer, key: key, vectorScale: vectorScale, memory: &memory, decoded: nil, tally: &tally)
  }

  /// Quantizes and appends a dithered layer, and decodes it.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the layer.
  ///   - layer: A dithered layer.
  ///   - key: The key of the layer.
  ///   - vectorScale: The scale of the vector, where the layer's quantizer has that scope.
  ///   - memory: The threads that share the layer, and their memory.
  ///   - decoded: Receives what the receivers decode, one number for every coordinate; nil where nobody wants it.
  ///   - tally: What `decoded` says of `values` is added to it.
  /// - Returns: What the layer took, and how many of its buckets travel exactly.
  package mutating func append(
    dithered values: UnsafeBufferPointer<Float>, of layer: PreparedLayer, key: RandomKey, vectorScale: Float?,
    memory: inout DitheredMemory, decoded: DecodedLayer?, tally: inout VectorTally
  ) -> (traffic: LayerTraffic, exactBuckets: Int) {
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
    let sample = DitherSample(
      of: values, quantizer: quantizer, sharedScale: shared, key: key, tier: memory.tier)
    let model = DitherModel.fitted(to: sample, count: values.count, tier: memory.tier)
    let start = payload.bytes.count
    payload.append(model)
    traffic.overhead += 8 * (payload.bytes.count - start)
    let writing = BlockWriting(
      values: values, decoded: decoded, quantizer: quantizer, sharedScale: shared, key: key, model: model,
      tier: memory.tier)
    append(writing, memory: &memory, tally: &tally)
    var exactBuckets = 0
    for part in memory.parts.indices {
      traffic += memory.parts[part].traffic
      exactBuckets += memory.parts[part].exactBuckets
      memory.parts[part].traffic = LayerTraffic()
      memory.parts[part].exactBuckets = 0
    }
    return (traffic, exactBuckets)
  }

  /// Appends the blocks in order. One thread hands over each block while the cache holds it, several the whole layer.
  private mutating func append(_ writing: BlockWriting, memory: inout DitheredMemory, tally: inout VectorTally) {
    guard memory.threads > 1, writing.blockCount > 1 else {
      for block in 0..<writing.blockCount { tally += writing.write(block, &memory.parts[0], to: &payload) }
      return
    }
    memory.forEachBlock(of: writing.blockCount) { part, block in
      let start = part.bytes.bytes.count
      var bytes = ByteWriter()
      swap(&bytes, &part.bytes)
      let tally = writing.write(block, &part, to: &bytes)
      swap(&bytes, &part.bytes)
      part.pieces.append(
        DitheredMemory.Piece(block: block, range: start..<part.bytes.bytes.count, tally: tally))
    }
    gather(&memory, blockCount: writing.blockCount, tally: &tally)
  }

  /// Appends what several threads wrote, in the order of the blocks.
  private mutating func gather(_ memory: inout DitheredMemory, blockCount: Int, tally: inout VectorTally) {
    payload.reserve(memory.parts.reduce(0) { $0 + $1.bytes.bytes.count })
    var next = [Int](repeating: 0, count: memory.threads)
    for block in 0..<blockCount {
      for part in memory.parts.indices {
        guard next[part] < memory.parts[part].pieces.count else { continue }
        let piece = memory.parts[part].pieces[next[part]]
        guard piece.block == block else { continue }
        payload.append(memory.parts[part].bytes.bytes[piece.range])
        tally += piece.tally
        next[part] += 1
      }
    }
    for part in memory.parts.indices {
      memory.parts[part].bytes.removeAll()
      memory.parts[part].pieces.removeAll(keepingCapacity: true)
    }
  }
}

/// How the blocks of one layer are written, each on its own.
private struct BlockWriting: @unchecked Sendable {
  // Unchecked: the coordinates are only read, every block has its own place among the decoded ones, and both outlive
  // the writing.
  let values: UnsafeBufferPointer<Float>
  let decoded: DecodedLayer?
  let quantizer: DitheredQuantizer
  let sharedScale: Float?
  let key: RandomKey
  let model: DitherModel
  let tier: KernelTier

  var blockSize: Int { PreparedLayer.blockSize(of: quantizer) }
  var blockCount: Int { (values.count + blockSize - 1) / blockSize }
  var hasScales: Bool { if case .bucket? = quantizer.scope { true } else { false } }

  func range(of block: Int) -> Range<Int> { block * blockSize..<min((block + 1) * blockSize, values.count) }
  func firstBucket(of block: Int) -> Int { block * blockSize / quantizer.bucketSize }

  /// Quantizes a block into the memory of `part` and decodes it, and appends its length and its bytes.
  func write(_ number: Int, _ part: inout DitheredMemory.Part, to bytes: inout ByteWriter) -> VectorTally {
    let tally = quantizer.quantize(
      UnsafeBufferPointer(rebasing: values[range(of: number)]), firstBucket: firstBucket(of: number),
      sharedScale: sharedScale, key: key, rawBits: model.rawBits, into: &part.block,
      decoded: decoded.map { $0[range(of: number)] }, tier: tier)
    part.head.removeAll()
    if hasScales {
      part.head.append(part.block.scales)
      part.traffic.norms += 32 * part.block.scales.count
    } else {
      part.head.append(marksOf: part.block.scales)
      part.traffic.overhead += 8 * part.head.bytes.count
    }
    part.head.append(part.block.exact)
    part.code(model, tier: tier)
    let size = part.head.bytes.count + part.bits.bytes.count
    part.traffic.symbols += 32 * part.block.exact.count + 8 * part.bits.bytes.count
    part.traffic.overhead += 8 * varintSize(UInt64(size))
    bytes.append(varint: UInt64(size))
    bytes.append(part.head.bytes)
    bytes.append(part.bits.bytes)
    part.exactBuckets += part.block.scales.count { $0.isNaN }
    return tally
  }
}

extension DitheredMemory.Part {
  /// The numbers, then the raw bits, then the escapes.
  mutating func code(_ model: DitherModel, tier: KernelTier) {
    bits.removeAll()
    block.numbers.withUnsafeBufferPointer { model.code.encode(trusted: $0, to: &bits) }
    if model.rawBits > 0 {
      let packing = VerticalPacking(width: model.rawBits, hasSign: false)
      let size = packing.byteCount(of: block.lows.count)
      // Whole bytes are written whatever they held, but the last may be shared.
      if fields.count < size { fields.append(contentsOf: repeatElement(0, count: size - fields.count)) }
      block.lows.withUnsafeBufferPointer { lows in
        fields.withUnsafeMutableBytes { packing.pack(lows, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<size])) }
      }
      fields.withUnsafeBytes { bits.write(bytes: UnsafeRawBufferPointer(rebasing: $0[..<size])) }
    }
    for high in block.escapes {
      bits.write(gamma: UInt64(high.magnitude - 15))
      bits.write(bit: high < 0)
    }
    bits.alignToByte()
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
