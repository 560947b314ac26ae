/// Numbers in as few bytes as they need: seven bits a byte, the least significant first, the high bit of a byte set where
/// more follow. The encoding is canonical: the last byte is not zero, unless it is the only one.

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
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte: UInt8 = try next()
      let bits = UInt64(byte & 0x7F)
      guard shift < 64, (bits << shift) >> shift == bits else { throw .invalidNumber(at: start) }
      value |= bits << shift
      shift += 7
      if byte & 0x80 == 0 {
        guard byte != 0 || shift == 7, let number = T(exactly: value) else { throw .invalidNumber(at: start) }
        return number
      }
    }
  }
}
