/// Reads the bits that a ``BitWriter`` wrote.
///
/// A read that throws does not move the cursor. Nothing here traps on any bytes.
public struct BitReader: Sendable {
  private let bytes: ArraySlice<UInt8>

  /// The number of bits read so far.
  public private(set) var position = 0

  /// A reader at the first bit of `bytes`.
  public init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// A reader at the first bit of `bytes`.
  public init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  /// The number of bits not read yet.
  public var remaining: Int { 8 * bytes.count - position }

  /// Whether the next bit begins a byte.
  public var isByteAligned: Bool { position & 7 == 0 }

  /// Reads a number of `count` bits, the least significant first.
  ///
  /// - Parameter count: 0…64.
  /// - Returns: The number.
  /// - Throws: ``DecodingError/truncated``.
  public mutating func read(_ count: Int) throws(DecodingError) -> UInt64 {
    precondition((0...64).contains(count), "One call reads 0 to 64 bits, not \(count)")
    guard count <= remaining else { throw .truncated }
    let start = position
    position += count
    if count > 56 { return word(at: start, count: 32) | word(at: start + 32, count: count - 32) << 32 }
    return word(at: start, count: count)
  }

  /// Reads one bit.
  ///
  /// - Returns: Whether it is 1.
  /// - Throws: ``DecodingError/truncated``.
  public mutating func readBit() throws(DecodingError) -> Bool { try read(1) == 1 }

  /// Reads whole bytes, without a copy.
  ///
  /// - Parameter count: How many, not negative.
  /// - Returns: The bytes.
  /// - Throws: ``DecodingError/truncated``.
  /// - Precondition: The cursor is at the beginning of a byte.
  public mutating func readBytes(_ count: Int) throws(DecodingError) -> ArraySlice<UInt8> {
    precondition(isByteAligned, "Bytes are read at byte boundaries only")
    precondition(count >= 0, "The number of bytes must not be negative")
    guard count <= remaining / 8 else { throw .truncated }
    let start = bytes.startIndex + position / 8
    position += 8 * count
    return bytes[start..<start + count]
  }

  /// The next 57 bits or more, the next one lowest; zeros behind the end.
  var nextWord: UInt64 { bytes.withUnsafeBytes { BitSource(bytes: $0, position: position).paddedWord() } }

  /// Moves the cursor by `count` bits, which are there.
  mutating func skip(_ count: Int) {
    assert((0...remaining).contains(count), "A reader skips only what is left")
    position += count
  }

  /// Skips the zero bits up to the next byte boundary.
  ///
  /// - Throws: ``DecodingError/nonzeroPadding``.
  public mutating func alignToByte() throws(DecodingError) {
    let padding = -position & 7
    guard word(at: position, count: padding) == 0 else { throw .nonzeroPadding }
    position += padding
  }

  /// Checks that nothing but the padding of the last byte is left.
  ///
  /// - Throws: ``DecodingError/trailingBits(count:)`` or ``DecodingError/nonzeroPadding``.
  public mutating func finish() throws(DecodingError) {
    guard remaining < 8 else { throw .trailingBits(count: remaining) }
    try alignToByte()
  }

  /// Lends the bytes to an inner loop, and moves the cursor to where the loop ended unless it failed.
  @inline(__always)
  mutating func withSource(_ body: (inout BitSource) -> DecodingError?) throws(DecodingError) {
    var end = position
    let error = bytes.withUnsafeBytes { memory in
      var source = BitSource(bytes: memory, position: position)
      let error = body(&source)
      end = source.position
      return error
    }
    if let error { throw error }
    position = end
  }

  private func word(at start: Int, count: Int) -> UInt64 {
    bytes.withUnsafeBytes { BitSource(bytes: $0, position: start).paddedWord() & ((1 << UInt64(count)) - 1) }
  }
}

/// An unchecked bit cursor for inner loops.
struct BitSource {
  let bytes: UnsafeRawBufferPointer
  /// The bit at which the next word begins.
  var position: Int

  @inline(__always)
  init(bytes: UnsafeRawBufferPointer, position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Bits that are left.
  @inline(__always)
  var remaining: Int { 8 &* bytes.count &- position }

  /// Whether ``fullWord()`` may be called.
  @inline(__always)
  var hasFullWord: Bool { (position &>> 3) &+ 8 <= bytes.count }

  /// The next 57 bits or more, the next one lowest.
  @inline(__always)
  func fullWord() -> UInt64 {
    let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position &>> 3, as: UInt64.self))
    return word &>> UInt64(truncatingIfNeeded: position & 7)
  }

  /// As ``fullWord()``, with zero bits after the end.
  @inline(__always)
  func paddedWord() -> UInt64 { hasFullWord ? fullWord() : lastWord() }

  private func lastWord() -> UInt64 {
    var word: UInt64 = 0
    var shift: UInt64 = 0
    for index in (position >> 3)..<max(position >> 3, bytes.count) {
      word |= UInt64(bytes[index]) << shift
      shift += 8
    }
    return word >> UInt64(position & 7)
  }
}
