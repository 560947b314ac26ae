import Quantization
import WireFormat

/// Damage to sums.
extension SpoiledCase {
  static func addSums(_ add: Add) throws {
    try addSumFronts(add)
    try addSumBlocks(add)
  }

  /// Damages the parts of the sum of three workers' frames.
  private static func damage(
    _ frame: inout SpoiledFrame, hasScale: Bool = false, keeping length: Int? = nil,
    _ change: (inout DitheredParts) -> Void = { _ in }
  ) {
    var parts = DitheredParts(frame, hasScale: hasScale, bucketCount: nil, workers: 3)
    change(&parts)
    frame.replacePayload(by: Array(parts.joined.prefix(length ?? .max)))
  }

  /// The kind, the number of workers, the common scale, and the head of the model.
  private static func addSumFronts(_ add: Add) throws {
    let base = "sum-agreed"
    try add("kindMismatch", "local", base, true) { $0.bytes[5] = 0 }
    try add("kindMismatch", "sum", "fixed-main", true) { $0.bytes[5] = 1 }
    try add("checksumMismatch", "sum", base, false) { $0.bytes[5] = 0 }
    try add("staleLevels", "sum", base, true) { $0.replace(.epoch, by: 2) }
    try add("rankMismatch", "sum", base, true) { $0.replace(.rank, by: 3) }
    for workers in [UInt8(0), 1, 2, 4, 64] {
      try add("workersMismatch", "\(workers)", base, true) { damage(&$0) { $0.front = [workers] } }
    }
    try add("workersMismatch", "exact", "sum-mixed-huffman", true) { $0.bytes[$0.payloadStart] = 2 }
    try add("invalidNumber", "workers-too-long", base, true) { damage(&$0) { $0.front = [0x83, 0] } }
    try add("invalidNumber", "workers-too-large", base, true) {
      damage(&$0) { $0.front = [0xFF, 0xFF, 0xFF, 0xFF, 0x1F] }
    }
    for (what, count) in [("workers", 0), ("head", 2), ("size", 3), ("block", 30)] {
      try add("truncated", "sum-\(what)", base, true) { damage(&$0, keeping: count) }
    }
    try add("truncated", "sum-vector-scale", "sum-vector", true) { damage(&$0, hasScale: true, keeping: 4) }
    try add("invalidNorm", "sum-vector-negative", "sum-vector", true) {
      damage(&$0, hasScale: true) { $0.front[4] = 0xBF }
    }
    try add("invalidModel", "sum-raw-9", base, true) { damage(&$0) { $0.head = [9, 0] } }
    try add("trailingBytes", "sum-behind-last-layer", base, true) { frame in
      damage(&frame)
      frame.bytes.insert(0, at: frame.bytes.count - 4)
    }
  }

  /// Marks, the workers of a bucket, and escapes; the layer has two buckets, and bits 0 to 2 name its workers.
  private static func addSumBlocks(_ add: Add) throws {
    let base = "sum-agreed"
    let marks: [(String, String, [UInt8])] = [
      ("invalidMarks", "sum-beyond-last", [1, 6]), ("invalidMarks", "sum-beyond-last-again", [2, 3, 0]),
      ("invalidMarks", "sum-partial-beyond-last", [1, 8, 1]), ("invalidMarks", "sum-too-many", [3, 0, 0, 0]),
      ("invalidMarks", "sum-far", [1, 0xFD, 0xFF, 0xFF, 0xFF, 0x0F]),
      ("invalidMarks", "sum-nobody", [1, 2, 0]), ("invalidMarks", "sum-everybody", [1, 2, 7]),
      ("invalidMarks", "sum-stranger", [1, 2, 8]), ("invalidMarks", "sum-stranger-too", [1, 2, 9]),
      ("invalidNumber", "sum-marks-too-long", [0x80, 0]), ("invalidNumber", "sum-mark-too-long", [1, 0x80, 0]),
      ("truncated", "sum-exact", [1, 1]),
    ]
    for (error, what, bytes) in marks {
      try add(error, what, base, true) { damage(&$0) { ($0.marks, $0.coded) = (bytes, [0]) } }
    }
    try add("truncated", "sum-mark", base, true) { damage(&$0) { ($0.marks, $0.coded) = ([1], []) } }
    try add("truncated", "sum-mask", base, true) { damage(&$0) { ($0.marks, $0.coded) = ([1, 2], []) } }
    for (what, marks) in [("no-marks", [0]), ("one-of-two", [1, 0]), ("partial", [2, 0, 2, 1])] as [(String, [UInt8])] {
      try add("invalidMarks", "sum-no-scale-\(what)", "sum-vector", true) {
        damage(&$0, hasScale: true) { ($0.front, $0.marks) = ([3, 0, 0, 0, 0], marks) }
      }
    }
    // Number 0 is the escape; three workers' integers are at most 3·2²² together, 15 more than the number here.
    let escaped = [0] + [UInt8](repeating: 16, count: 1499)
    try add("payload.symbolOutOfRange", "sum-escape-too-large", base, true) {
      damage(&$0) {
        $0.coded = $0.stream(escaped) {
          $0.write(gamma: 3 << 22 - 14)
          $0.write(bit: true)
        }
      }
    }
    try add("payload.truncated", "sum-escape-missing", base, true) {
      damage(&$0) { $0.coded = $0.stream(escaped) { _ in } }
    }
    try add("payload.inconsistentState", "sum-end", base, true) { damage(&$0) { $0.coded[0] ^= 1 } }
    try add("payload.trailingBits", "sum", base, true) { damage(&$0) { $0.coded.append(0) } }
  }
}
