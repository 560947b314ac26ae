// Numbers in as few bytes as they need: seven bits a byte, the least significant first, the high bit of a byte set where
// more follow. The encoding is canonical: the last byte is not zero, unless it is the only one.

/// The bytes that `value` takes, 1…10.
func varintSize(_ value: UInt64) -> Int { max(1, (64 - value.leadingZeroBitCount + 6) / 7) }

extension ByteWriter {
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest > 0x7F {
      append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}

extension ByteReader {
  /// Reads a number; one that `T` cannot hold, or in more bytes than it needs, is an invalid number.
  mutating func varint<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type = T.self) throws(WireFormatError) -> T {
    var value: UInt64 = 0
    for index in 0..<(T.bitWidth + 6) / 7 {
      guard index < remaining else { throw .truncated(at: offset) }
      let byte = bytes[position + index]
      let shift = UInt64(7 * index)
      value |= UInt64(byte & 0x7F) << shift
      guard byte < 0x80 else { continue }
      guard byte != 0 || index == 0, value >> shift == UInt64(byte), let number = T(exactly: value) else {
        throw .invalidNumber(at: offset)
      }
      _ = try slice(index + 1)
      return number
    }
    throw .invalidNumber(at: offset)
  }
}
