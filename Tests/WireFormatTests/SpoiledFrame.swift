import EntropyCoding
import WireFormat

/// A frame to be damaged, at known places.
struct SpoiledFrame {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The fields of the header whose length varies, in their order.
  enum Number: Int, CaseIterable {
    case rank, epoch, step, payloadSize
  }

  /// Where the fields of fixed length end.
  static let firstNumber = 30
  static let digestOffset = 6

  /// Where the payload begins, or the bytes end.
  var payloadStart: Int { end(of: .payloadSize) }

  func offset(of number: Number) -> Int {
    Number(rawValue: number.rawValue - 1).map(end(of:)) ?? min(Self.firstNumber, bytes.count)
  }

  private func end(of number: Number) -> Int {
    var end = Self.firstNumber
    for _ in 0...number.rawValue {
      while end < bytes.count, bytes[end] & 0x80 != 0 { end += 1 }
      end += 1
    }
    return min(end, bytes.count)
  }

  mutating func replace(_ number: Number, by value: UInt64) { replace(number, by: Self.varint(value)) }

  mutating func replace(_ number: Number, by field: [UInt8]) {
    bytes.replaceSubrange(offset(of: number)..<end(of: number), with: field)
  }

  /// A number of variable length, as the document describes it.
  static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  func number(at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }

  mutating func put(_ value: UInt32, at offset: Int) {
    for i in 0..<4 { bytes[offset + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i)) }
  }

  /// Makes the length in the header and the checksum right again.
  mutating func repair() {
    guard bytes.count >= payloadStart + FrameHeader.trailerSize else { return }
    replace(.payloadSize, by: UInt64(bytes.count - payloadStart - FrameHeader.trailerSize))
    repairChecksum()
  }

  mutating func repairChecksum() {
    guard bytes.count >= FrameHeader.trailerSize else { return }
    put(CRC32C.checksum(bytes.dropLast(FrameHeader.trailerSize)), at: bytes.count - 4)
  }

  mutating func replacePayload(by payload: [UInt8]) {
    bytes.replaceSubrange(payloadStart..<bytes.count - FrameHeader.trailerSize, with: payload)
  }

  /// Replaces a stream, with its length at `offset`, by another.
  mutating func replaceStream(at offset: Int, by change: ([UInt8]) -> [UInt8]) {
    let size = Int(number(at: offset))
    let stream = change(Array(bytes[offset + 4..<offset + 4 + size]))
    put(UInt32(stream.count), at: offset)
    bytes.replaceSubrange(offset + 4..<offset + 4 + size, with: stream)
  }
}
