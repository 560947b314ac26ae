import EntropyCoding
public import LaminaNumerics
public import Quantization

extension FrameReader {
  /// Reads a dithered layer and adds it to a sum, block by block.
  ///
  /// - Parameters:
  ///   - layer: A dithered layer of the receiver's plan.
  ///   - key: The key of the layer, the sender's.
  ///   - vectorScale: The scale of the vector, where the layer's quantizer has that scope.
  ///   - block: Memory for a block.
  ///   - sums: The running sums of the layer's coordinates.
  /// - Throws: ``WireFormatError``; blocks before the damaged one have then been added.
  public mutating func accumulate(
    dithered layer: PreparedLayer, key: RandomKey, vectorScale: Float?, block: inout DitheredBlock,
    into sums: UnsafeMutableBufferPointer<Float>
  ) throws(WireFormatError) {
    guard let quantizer = layer.ditheredQuantizer else {
      preconditionFailure("Layer '\(layer.layer.name)' is not dithered")
    }
    let name = layer.layer.name
    var shared: Float? = vectorScale
    if case .agreed = quantizer.step { shared = 1 }
    if quantizer.scope == .layer {
      let scale = try payload.nextFloat()
      guard LevelSymbols.isValid(scale) else { throw .invalidNorm(layer: name) }
      shared = scale
    }
    let model = try payload.ditherModel(layer: name)
    let size = PreparedLayer.blockSize(of: quantizer)
    for start in stride(from: 0, to: sums.count, by: size) {
      let range = start..<min(start + size, sums.count)
      let byteCount: UInt32 = try payload.varint()
      var part = ByteReader(try payload.slice(Int(byteCount)))
      let hasScales = if case .bucket? = quantizer.scope { true } else { false }
      try part.read(
        &block, count: range.count, bucketSize: quantizer.bucketSize, shared: hasScales ? nil : shared, model: model,
        layer: name)
      quantizer.accumulate(
        block, firstBucket: start / quantizer.bucketSize, key: key,
        into: UnsafeMutableBufferPointer(rebasing: sums[range]))
    }
  }
}

extension ByteReader {
  /// Reads what one block of `count` coordinates is made of; all of its bytes.
  fileprivate mutating func read(
    _ block: inout DitheredBlock, count: Int, bucketSize: Int, shared: Float?, model: DitherModel, layer: String
  ) throws(WireFormatError) {
    let bucketCount = (count + bucketSize - 1) / bucketSize
    var scales: [Float] = []
    if let shared {
      scales = try marks(bucketCount, shared: shared, layer: layer)
    } else {
      try floats(bucketCount, appendingTo: &scales)
      guard scales.allSatisfy(LevelSymbols.isValid) else { throw .invalidNorm(layer: layer) }
    }
    block.scales = scales
    block.exact.removeAll(keepingCapacity: true)
    try floats(
      block.coordinates(of: count, bucketSize: bucketSize) { $0.isNaN }, appendingTo: &block.exact)
    let live = block.coordinates(of: count, bucketSize: bucketSize, where: LevelSymbols.isOrdinary)
    block.prepare(liveCount: live, rawBits: model.rawBits)
    let coded = try slice(remaining)
    do { try block.readSymbols(coded, model: model) } catch { throw .payload(layer: layer, error) }
  }

  private mutating func marks(_ bucketCount: Int, shared: Float, layer: String) throws(WireFormatError) -> [Float] {
    var scales = [Float](repeating: shared, count: bucketCount)
    let count: UInt32 = try varint()
    var next = 0
    for _ in 0..<count {
      let mark: UInt32 = try varint()
      guard mark >> 1 < bucketCount - next else { throw .invalidMarks(layer: layer) }
      let bucket = next + Int(mark >> 1)
      scales[bucket] = mark & 1 == 0 ? 0 : LevelSymbols.exactMark
      next = bucket + 1
    }
    guard Int(count) == bucketCount || LevelSymbols.isOrdinary(shared) else { throw .invalidMarks(layer: layer) }
    return scales
  }
}

extension DitheredBlock {
  /// Reads the numbers, then the raw bits, then the escapes, which are all of the bytes.
  fileprivate mutating func readSymbols(_ bytes: ArraySlice<UInt8>, model: DitherModel) throws(DecodingError) {
    var bits = BitReader(bytes)
    var span = numbers.mutableSpan
    try model.code.decode(into: &span, alphabet: Self.numberCount, base: 0, from: &bits)
    if rawBits > 0 { try readLows(from: &bits) }
    let limit = UInt64(Self.largestHigh(rawBits: rawBits)) - 15
    for number in numbers where number == Self.escapeNumber {
      let excess = try bits.readGamma()
      guard excess <= limit else { throw .symbolOutOfRange }
      let magnitude = Int32(excess) + 15
      escapes.append(try bits.readBit() ? -magnitude : magnitude)
    }
    try bits.finish()
  }

  private mutating func readLows(from bits: inout BitReader) throws(DecodingError) {
    let packing = VerticalPacking(width: rawBits, hasSign: false)
    let fields = try bits.readBytes(packing.byteCount(of: lows.count))
    guard packing.hasZeroPadding(fields, count: lows.count) else { throw .nonzeroPadding }
    fields.withUnsafeBytes { source in
      lows.withUnsafeMutableBufferPointer { _ = packing.unpack(source, into: $0) }
    }
  }
}
