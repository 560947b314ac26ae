import EntropyCoding
public import Quantization

/// Reads a frame: checks it whole, then hands out its layers in order.
///
/// Nothing is allocated that the receiver's own plan does not ask for, and no bytes make it trap.
public struct FrameReader: Sendable {
  /// The header.
  public let header: FrameHeader
  var payload: ByteReader

  /// Checks the frame and opens its payload.
  ///
  /// - Parameters:
  ///   - frame: The bytes.
  ///   - plan: The receiver's plan.
  ///   - step: The step that the frame must belong to.
  ///   - rank: The rank that sent it, nil to accept any.
  ///   - kind: What the frame must hold.
  /// - Throws: ``WireFormatError``, in the order of its documentation.
  public init(
    _ frame: ArraySlice<UInt8>, plan: QuantizationPlan, step: UInt64, rank: Int?, kind: FrameHeader.Kind = .local
  ) throws(WireFormatError) {
    (header, payload) = try Self.open(frame)
    guard header.kind == kind else { throw .kindMismatch(expected: kind, found: header.kind) }
    guard header.levelEpoch == plan.levelEpoch else {
      throw .staleLevels(expected: plan.levelEpoch, found: header.levelEpoch)
    }
    guard header.planDigest == plan.digest else {
      throw .planMismatch(expected: plan.digest, found: header.planDigest)
    }
    guard header.step == step else { throw .stepMismatch(expected: step, found: header.step) }
    if let rank, Int(header.rank) != rank {
      throw .rankMismatch(expected: UInt16(clamping: rank), found: header.rank)
    }
  }

  /// A reader of the payload of a frame that was never closed: for layers on their own.
  package init(payload: ArraySlice<UInt8>) {
    header = FrameHeader(
      kind: .local, rank: 0, levelEpoch: 0, planDigest: 0, step: 0, squaredNorm: 0, squaredChange: 0)
    self.payload = ByteReader(payload)
  }

  /// The header of a frame whose bytes are intact, whatever its plan.
  ///
  /// - Parameter frame: The bytes.
  /// - Returns: The header.
  /// - Throws: ``WireFormatError`` where the bytes are no intact frame.
  public static func header(of frame: ArraySlice<UInt8>) throws(WireFormatError) -> FrameHeader {
    try open(frame).header
  }

  /// The bytes of the whole frame that begins with `bytes`, of which its end may be missing.
  ///
  /// - Parameter bytes: The beginning of a frame.
  /// - Returns: The bytes of header, payload and checksum, as the header tells; nil where that is not all there.
  public static func size(ofFrameBeginning bytes: ArraySlice<UInt8>) -> Int? {
    var reader = ByteReader(bytes)
    guard let (_, payloadSize) = try? reader.header() else { return nil }
    return reader.offset + payloadSize + FrameHeader.trailerSize
  }

  private static func open(
    _ frame: ArraySlice<UInt8>
  ) throws(WireFormatError) -> (header: FrameHeader, payload: ByteReader) {
    var reader = ByteReader(frame)
    let (header, payloadSize) = try reader.header()
    let payload = try reader.slice(payloadSize)
    let checksum: UInt32 = try reader.next()
    guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
    let expected = CRC32C.checksum(frame.dropLast(FrameHeader.trailerSize))
    guard checksum == expected else { throw .checksumMismatch(expected: expected, found: checksum) }
    return (header, ByteReader(payload))
  }

  /// Reads the norm, or the scale, that all quantizers of the scope of the vector share.
  ///
  /// - Returns: The norm: 0, ordinary, or `LevelSymbols.exactMark`.
  /// - Throws: ``WireFormatError``.
  public mutating func vectorNorm() throws(WireFormatError) -> Float {
    let norm = try payload.nextFloat()
    guard LevelSymbols.isValid(norm) else { throw .invalidNorm(layer: "all") }
    return norm
  }

  /// Reads the coordinates of an exact layer.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - values: Receives them, in the place of its contents.
  /// - Throws: ``WireFormatError/truncated(at:)``.
  public mutating func exact(_ count: Int, into values: inout [Float]) throws(WireFormatError) {
    values.removeAll(keepingCapacity: true)
    try payload.floats(count, appendingTo: &values)
  }

  /// Reads the symbols of a quantized layer.
  ///
  /// - Parameters:
  ///   - layer: A quantized layer of the receiver's plan.
  ///   - vectorNorm: The norm of the vector, where the layer's quantizer has that scope.
  ///   - symbols: Receives the symbols, in the place of its contents.
  /// - Throws: ``WireFormatError``.
  public mutating func symbols(
    of layer: PreparedLayer, vectorNorm: Float?, into symbols: inout LevelSymbols
  ) throws(WireFormatError) {
    guard let quantizer = layer.quantizer, let coder = layer.coder else {
      preconditionFailure("Layer '\(layer.layer.name)' travels exactly")
    }
    let count = layer.layer.range.count
    symbols.prepare(count: count)
    if quantizer.scope == .vector {
      symbols.norms.append(vectorNorm ?? LevelSymbols.exactMark)
    } else {
      try payload.floats(quantizer.scope.normCount(in: count), appendingTo: &symbols.norms)
    }
    guard symbols.norms.allSatisfy(LevelSymbols.isValid) else { throw .invalidNorm(layer: layer.layer.name) }
    let bucketSize = quantizer.bucketSize(in: count)
    try payload.floats(symbols.exactCount(bucketSize: bucketSize), appendingTo: &symbols.exact)
    if symbols.norms.allSatisfy(LevelSymbols.isOrdinary) {
      try stream(of: layer.layer.name, coder: coder, into: &symbols.symbols)
    } else {
      let liveCount = symbols.liveCount(bucketSize: bucketSize)
      var live = [UInt8](repeating: 0, count: liveCount)
      try stream(of: layer.layer.name, coder: coder, into: &live)
      symbols.scatter(live, bucketSize: bucketSize)
    }
  }

  /// Checks that nothing is left.
  ///
  /// - Throws: ``WireFormatError/trailingBytes(_:)``.
  public func finish() throws(WireFormatError) {
    guard payload.remaining == 0 else { throw .trailingBytes(payload.remaining) }
  }

  private mutating func stream(
    of name: String, coder: SymbolCoder, into symbols: inout [UInt8]
  ) throws(WireFormatError) {
    if let packing = coder.packing {
      let bytes = try payload.slice(packing.byteCount(of: symbols.count))
      guard packing.hasZeroPadding(bytes, count: symbols.count) else { throw .payload(layer: name, .nonzeroPadding) }
      let largest = bytes.withUnsafeBytes { source in
        symbols.withUnsafeMutableBufferPointer { packing.unpack(source, into: $0) }
      }
      guard Int(largest) < coder.levelCount else { throw .levelOutOfRange(layer: name) }
      return
    }
    let size: UInt32 = try payload.next()
    var bits = BitReader(try payload.slice(Int(size)))
    do {
      var span = symbols.mutableSpan
      try coder.decode(into: &span, from: &bits)
      if coder.hasSigns { try readSigns(into: &symbols, from: &bits) }
      try bits.finish()
    } catch {
      throw .payload(layer: name, error)
    }
  }

  private func readSigns(into symbols: inout [UInt8], from bits: inout BitReader) throws(DecodingError) {
    var remaining = symbols.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
    var word: UInt64 = 0
    var held = 0
    var i = 0
    while remaining > 0 {
      held = min(remaining, 32)
      remaining -= held
      word = try bits.read(held)
      while held > 0 {
        let isCoded: UInt8 = symbols[i] == 0 ? 0 : 1
        symbols[i] |= UInt8(truncatingIfNeeded: word & 1) &* isCoded &<< 7
        word >>= UInt64(isCoded)
        held -= Int(isCoded)
        i += 1
      }
    }
  }
}
