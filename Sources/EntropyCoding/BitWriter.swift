/// Collects bits into bytes, the least significant bit of each byte first.
///
/// Bit k of the stream is bit k mod 8 of byte ⌊k/8⌋. A number written with ``write(_:count:)`` puts its least
/// significant bit first, so that a decoder can load eight bytes in little-endian order, shift and mask.
public struct BitWriter: Sendable {
  /// The bytes that are complete.
  package private(set) var bytes: [UInt8] = []
  /// The bits that do not fill a byte yet, the oldest lowest.
  private var pending: UInt64 = 0
  /// How many bits are pending, 0…7.
  private var pendingCount = 0

  /// A writer of no bits.
  ///
  /// - Parameter byteCapacity: How many bytes to make room for at once.
  public init(byteCapacity: Int = 0) { bytes.reserveCapacity(byteCapacity) }

  /// The number of bits written so far.
  public var bitCount: Int { 8 * bytes.count + pendingCount }

  /// Whether the next bit begins a byte.
  public var isByteAligned: Bool { pendingCount == 0 }

  /// Writes the low `count` bits of `value`, the least significant first.
  ///
  /// - Parameters:
  ///   - value: A number below 2 to the power of `count`.
  ///   - count: 0…64.
  public mutating func write(_ value: UInt64, count: Int) {
    precondition((0...64).contains(count), "One call writes 0 to 64 bits, not \(count)")
    precondition(count == 64 || value >> UInt64(count) == 0, "\(value) does not fit into \(count) bits")
    if count > 56 {
      push(value & 0xFFFF_FFFF, count: 32)
      push(value >> 32, count: count - 32)
    } else {
      push(value, count: count)
    }
  }

  /// Writes one bit.
  ///
  /// - Parameter bit: `true` for 1.
  public mutating func write(bit: Bool) { push(bit ? 1 : 0, count: 1) }

  /// Fills the current byte with zero bits.
  public mutating func alignToByte() {
    if pendingCount > 0 { push(0, count: 8 - pendingCount) }
  }

  /// Writes whole bytes.
  ///
  /// - Parameter newBytes: The bytes.
  /// - Precondition: The writer is at the beginning of a byte.
  public mutating func write(bytes newBytes: some Sequence<UInt8>) {
    precondition(isByteAligned, "Bytes are written at byte boundaries only")
    bytes.append(contentsOf: newBytes)
  }

  /// Forgets all bits but keeps the memory, for the next message.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    pending = 0
    pendingCount = 0
  }

  /// Ends the stream.
  ///
  /// - Returns: The bytes; unused bits of the last one are zero.
  public consuming func finish() -> [UInt8] {
    alignToByte()
    return bytes
  }

  private mutating func push(_ value: UInt64, count: Int) {
    pending |= value &<< UInt64(pendingCount)
    pendingCount += count
    while pendingCount >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      pendingCount -= 8
    }
  }

  /// Writes at most `maximumBits` bits through a sink on temporary memory, without a check per write.
  mutating func withSink(maximumBits: Int, _ body: (inout BitSink) -> Void) {
    let capacity = maximumBits / 8 + 16
    withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { memory in
      guard let start = memory.baseAddress else { return }
      var sink = BitSink(start: start, pending: pending, pendingCount: pendingCount)
      body(&sink)
      sink.flush()
      precondition(sink.byteCount + 8 <= capacity, "More bits were written than announced")
      bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: sink.byteCount))
      pending = sink.pending
      pendingCount = sink.pendingCount
    }
  }
}

/// An unchecked bit cursor for inner loops: after a flush, up to 56 more bits fit.
struct BitSink {
  private let start: UnsafeMutableRawPointer
  private(set) var byteCount = 0
  private(set) var pending: UInt64
  private(set) var pendingCount: Int

  @inline(__always)
  init(start: UnsafeMutableRawPointer, pending: UInt64, pendingCount: Int) {
    self.start = start
    self.pending = pending
    self.pendingCount = pendingCount
  }

  /// Adds the `count` bits of `value`, whose other bits are zero.
  @inline(__always)
  mutating func put(_ value: UInt64, count: Int) {
    pending |= value &<< UInt64(truncatingIfNeeded: pendingCount)
    pendingCount &+= count
  }

  /// Stores the complete bytes; always writes eight and moves by as many as are complete, to do without a branch.
  @inline(__always)
  mutating func flush() {
    start.storeBytes(of: pending.littleEndian, toByteOffset: byteCount, as: UInt64.self)
    byteCount &+= pendingCount &>> 3
    pending &>>= UInt64(truncatingIfNeeded: pendingCount & ~7)
    pendingCount &= 7
  }
}
