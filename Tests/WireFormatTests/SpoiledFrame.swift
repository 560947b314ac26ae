import EntropyCoding
import WireFormat

/// A frame to be damaged, at known places.
struct SpoiledFrame {
  var bytes: [UInt8]

  static let payloadStart = FrameHeader.size

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func number(at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }

  mutating func put(_ value: UInt32, at offset: Int) {
    for i in 0..<4 { bytes[offset + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i)) }
  }

  /// Makes the length in the header and the checksum right again.
  mutating func repair() {
    guard bytes.count >= FrameHeader.size + FrameHeader.trailerSize else { return }
    put(UInt32(bytes.count - FrameHeader.size - FrameHeader.trailerSize), at: 12)
    repairChecksum()
  }

  mutating func repairChecksum() {
    guard bytes.count >= FrameHeader.trailerSize else { return }
    put(CRC32C.checksum(bytes.dropLast(FrameHeader.trailerSize)), at: bytes.count - 4)
  }

  /// Replaces a stream, with its length at `offset`, by another.
  mutating func replaceStream(at offset: Int, by change: ([UInt8]) -> [UInt8]) {
    let size = Int(number(at: offset))
    let stream = change(Array(bytes[offset + 4..<offset + 4 + size]))
    put(UInt32(stream.count), at: offset)
    bytes.replaceSubrange(offset + 4..<offset + 4 + size, with: stream)
  }
}
