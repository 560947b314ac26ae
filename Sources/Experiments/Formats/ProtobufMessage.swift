/// The few kinds of protocol buffer fields that event files are made of.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  mutating func varint(_ field: UInt64, _ value: UInt64) {
    append(varint: field << 3)
    append(varint: value)
  }

  mutating func double(_ field: UInt64, _ value: Double) {
    append(varint: field << 3 | 1)
    bytes += value.bitPattern.littleEndianBytes
  }

  mutating func float(_ field: UInt64, _ value: Float) {
    append(varint: field << 3 | 5)
    bytes += value.bitPattern.littleEndianBytes
  }

  mutating func block(_ field: UInt64, _ content: [UInt8]) {
    append(varint: field << 3 | 2)
    append(varint: UInt64(content.count))
    bytes += content
  }

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

extension FixedWidthInteger {
  /// The bytes, lowest first.
  var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self(8 * $0)) }
  }
}
