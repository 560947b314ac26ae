import EntropyCoding
public import LaminaNumerics
import Quantization

extension FrameReader {
  /// Reads a dithered layer and adds it to a sum, block by block.
  ///
  /// - Parameters:
  ///   - layer: A dithered layer of the receiver's plan.
  ///   - key: The key of the layer, the sender's.
  ///   - vectorScale: The scale of the vector, where the layer's quantizer has that scope.
  ///   - memory: The threads that share the layer, and their memory.
  ///   - sums: The running sums of the layer's coordinates.
  /// - Throws: ``WireFormatError``, the one of the first damaged block whatever the number of threads; other blocks may
  ///   have been added.
  public mutating func accumulate(
    dithered layer: PreparedLayer, key: RandomKey, vectorScale: Float?, memory: inout DitheredMemory,
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
    if case .bucket? = quantizer.scope { shared = nil }
    let model = try payload.ditherModel(layer: name, tier: memory.tier)
    let reading = BlockReading(
      layer: name, quantizer: quantizer, sharedScale: shared, key: key, model: model, sums: sums, tier: memory.tier)
    if memory.threads == 1 {
      for block in 0..<reading.blockCount { try reading.add(block, try payload.block(), &memory.parts[0]) }
    } else {
      try accumulate(reading, memory: &memory)
    }
  }

  /// Finds where the blocks begin, then shares them out. Blocks before one that cannot be found are still read, since
  /// an error in one of them comes first.
  private mutating func accumulate(_ reading: BlockReading, memory: inout DitheredMemory) throws(WireFormatError) {
    var slices: [ArraySlice<UInt8>] = []
    var failure: (block: Int, error: WireFormatError)?
    for block in 0..<reading.blockCount {
      do throws(WireFormatError) { slices.append(try payload.block()) } catch {
        failure = (block, error)
        break
      }
    }
    let found = slices
    memory.forEachBlock(of: found.count) { part, block in
      do throws(WireFormatError) { try reading.add(block, found[block], &part) } catch {
        if block < part.failure?.block ?? .max { part.failure = (block, error) }
      }
    }
    for part in memory.parts.indices {
      if let other = memory.parts[part].failure, other.block < failure?.block ?? .max { failure = other }
      memory.parts[part].failure = nil
    }
    if let failure { throw failure.error }
  }
}

/// How the blocks of one layer are read, each on its own.
private struct BlockReading: @unchecked Sendable {
  // Unchecked: every block has its own sums, which outlive the reading.
  let layer: String
  let quantizer: DitheredQuantizer
  /// The scale of all buckets, nil where each has its own.
  let sharedScale: Float?
  let key: RandomKey
  let model: DitherModel
  let sums: UnsafeMutableBufferPointer<Float>
  let tier: KernelTier

  var blockSize: Int { PreparedLayer.blockSize(of: quantizer) }
  var blockCount: Int { (sums.count + blockSize - 1) / blockSize }

  func add(_ block: Int, _ bytes: ArraySlice<UInt8>, _ part: inout DitheredMemory.Part) throws(WireFormatError) {
    let range = block * blockSize..<min((block + 1) * blockSize, sums.count)
    var reader = ByteReader(bytes)
    try reader.read(
      &part.block, count: range.count, bucketSize: quantizer.bucketSize, shared: sharedScale, model: model,
      layer: layer)
    quantizer.accumulate(
      part.block, firstBucket: block * blockSize / quantizer.bucketSize, key: key,
      into: UnsafeMutableBufferPointer(rebasing: sums[range]), tier: tier)
  }
}

extension ByteReader {
  /// The bytes of the next block, behind their number.
  mutating func block() throws(WireFormatError) -> ArraySlice<UInt8> {
    let size: UInt32 = try varint()
    return try slice(Int(size))
  }

  /// Reads what one block of `count` coordinates is made of; all of its bytes.
  mutating func read(
    _ block: inout DitheredBlock, count: Int, bucketSize: Int, shared: Float?, model: DitherModel, layer: String
  ) throws(WireFormatError) {
    let bucketCount = (count + bucketSize - 1) / bucketSize
    block.scales.removeAll(keepingCapacity: true)
    if let shared {
      try marks(bucketCount, shared: shared, layer: layer, into: &block.scales)
    } else {
      try floats(bucketCount, appendingTo: &block.scales)
      guard block.scales.allSatisfy(LevelSymbols.isValid) else { throw .invalidNorm(layer: layer) }
    }
    try readSymbols(&block, count: count, bucketSize: bucketSize, workers: 1, model: model, layer: layer)
  }

  /// Reads the exact coordinates and the symbols of a block whose scales are known; all bytes that are left.
  mutating func readSymbols(
    _ block: inout DitheredBlock, count: Int, bucketSize: Int, workers: Int, model: DitherModel, layer: String
  ) throws(WireFormatError) {
    block.exact.removeAll(keepingCapacity: true)
    try floats(
      block.coordinates(of: count, bucketSize: bucketSize) { $0.isNaN }, appendingTo: &block.exact)
    let live = block.coordinates(of: count, bucketSize: bucketSize, where: LevelSymbols.isOrdinary)
    block.prepare(liveCount: live, rawBits: model.rawBits)
    let coded = try slice(remaining)
    do { try block.readSymbols(coded, model: model, workers: workers) } catch { throw .payload(layer: layer, error) }
  }

  private mutating func marks(
    _ bucketCount: Int, shared: Float, layer: String, into scales: inout [Float]
  ) throws(WireFormatError) {
    scales.append(contentsOf: repeatElement(shared, count: bucketCount))
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
  }
}

extension DitheredBlock {
  /// Reads the numbers, then the raw bits, then the escapes, which are all of the bytes.
  fileprivate mutating func readSymbols(
    _ bytes: ArraySlice<UInt8>, model: DitherModel, workers: Int
  ) throws(DecodingError) {
    var bits = BitReader(bytes)
    var span = numbers.mutableSpan
    try model.code.decode(into: &span, alphabet: Self.numberCount, base: 0, from: &bits)
    if rawBits > 0 { try readLows(from: &bits) }
    try readEscapes(from: &bits, workers: workers)
    try bits.finish()
  }

  private mutating func readEscapes(from bits: inout BitReader, workers: Int) throws(DecodingError) {
    let limit = UInt64(Self.largestHigh(rawBits: rawBits)) * UInt64(workers) - 15
    var found: [Int32] = []
    swap(&found, &escapes)
    defer { swap(&found, &escapes) }
    try numbers.withUnsafeBufferPointer { (numbers) throws(DecodingError) in
      var place = numbers.firstZero(from: 0)
      while place < numbers.count {
        let excess = try bits.readGamma()
        guard excess <= limit else { throw .symbolOutOfRange }
        let magnitude = Int32(excess) + 15
        found.append(try bits.readBit() ? -magnitude : magnitude)
        place = numbers.firstZero(from: place + 1)
      }
    }
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
