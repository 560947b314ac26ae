import Quantization
import WireFormat

/// Damage to rotated layers.
extension SpoiledCase {
  static func addRotated(_ add: Add) throws {
    // 700 coordinates in blocks of 128: six scales, then 768 symbols of three bits.
    let base = "rotated-3-bits"
    func cut(_ count: Int) -> (inout SpoiledFrame) -> Void {
      { $0.bytes.removeLast($0.bytes.count - FrameHeader.trailerSize - $0.payloadStart - count) }
    }
    try add("truncated", "rotated-scales", base, true) { cut(23)(&$0) }
    try add("truncated", "rotated-nothing", base, true) { cut(0)(&$0) }
    try add("truncated", "rotated-fields", base, true) { cut(24 + 287)(&$0) }
    // 128 coordinates take more bytes than there are.
    try add("truncated", "rotated-exact", base, true) { $0.put(0x7FC0_0000, at: $0.payloadStart + 8) }
    try add("trailingBytes", "rotated-behind-last-layer", base, true) { $0.bytes.append(0) }
    // Without its scale the symbols of a block are too many.
    try add("trailingBytes", "rotated-zero-scale", base, true) { $0.put(0, at: $0.payloadStart + 20) }
    let scales: [(String, UInt32)] = [
      ("negative", 0xBF80_0000), ("negative-zero", 0x8000_0000), ("infinite", 0x7F80_0000), ("tiny", 0x0D7F_FFFF),
      ("huge", 0x7180_0001), ("other-nan", 0x7FC0_0001),
    ]
    for (what, pattern) in scales {
      try add("invalidNorm", "rotated-\(what)", base, true) { $0.put(pattern, at: $0.payloadStart + 20) }
    }
  }
}
