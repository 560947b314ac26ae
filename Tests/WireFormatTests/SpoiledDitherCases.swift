import EntropyCoding
import Quantization
import WireFormat

/// Damage to dithered layers.
extension SpoiledCase {
  static func addDithered(_ add: Add) throws {
    try addDitherFronts(add)
    try addDitherBlocks(add)
    try addDitherStreams(add)
  }

  /// Damages the parts of a frame with a scale in front and marks, and takes the first bytes of what they join to.
  private static func damage(
    _ frame: inout SpoiledFrame, hasScale: Bool = true, bucketCount: Int? = nil, exactCount: Int = 0,
    keeping length: Int? = nil, _ change: (inout DitheredParts) -> Void = { _ in }
  ) {
    var parts = DitheredParts(frame, hasScale: hasScale, bucketCount: bucketCount, exactCount: exactCount)
    change(&parts)
    frame.replacePayload(by: Array(parts.joined.prefix(length ?? .max)))
  }

  /// Scales, and the head of the model.
  private static func addDitherFronts(_ add: Add) throws {
    let base = "dither-layer"
    for (what, count) in [("scale", 3), ("head", 5), ("size", 6)] {
      try add("truncated", "dither-\(what)", base, true) { damage(&$0, keeping: count) }
    }
    try add("truncated", "dither-vector-scale", "dither-vector", true) { damage(&$0, keeping: 2) }
    try add("truncated", "dither-table-size", "dither-table", true) { damage(&$0, keeping: 6) }
    try add("truncated", "dither-table", "dither-table", true) { damage(&$0, keeping: 20) }
    try add("truncated", "dither-block", base, true) { damage(&$0, keeping: 30) }
    let scales: [(String, [UInt8])] = [
      ("negative", [0, 0, 0x80, 0xBF]), ("negative-zero", [0, 0, 0, 0x80]), ("infinite", [0, 0, 0x80, 0x7F]),
      ("other-nan", [1, 0, 0xC0, 0x7F]), ("tiny", [0xFF, 0xFF, 0x7F, 0x0D]),
    ]
    for (what, scale) in scales {
      try add("invalidNorm", "dither-layer-\(what)", base, true) { damage(&$0) { $0.front = scale } }
      try add("invalidNorm", "dither-vector-\(what)", "dither-vector", true) { damage(&$0) { $0.front = scale } }
      try add("invalidNorm", "dither-bucket-\(what)", "dither-bucket", true) {
        damage(&$0, hasScale: false, bucketCount: 8) { $0.marks.replaceSubrange(4..<8, with: scale) }
      }
    }
    let heads: [(String, [UInt8])] = [
      ("raw-9", [0x09, 0x00]), ("raw-15", [0x0F, 0x00]), ("bit-13", [0x00, 0x20]), ("bit-14", [0x00, 0x40]),
    ]
    for (what, head) in heads { try add("invalidModel", what, base, true) { damage(&$0) { $0.head = head } } }
    for (what, head) in [("table-raw-9", [0x09, 0x80]), ("table-bit-4", [0x10, 0x80]), ("table-bit-14", [0, 0xC0])] {
      try add("invalidModel", what, "dither-table", true) { damage(&$0) { $0.head = head.map { UInt8($0) } } }
    }
    let tables: [(String, [UInt8])] = [
      ("31-numbers", SymbolDistribution(probabilities: [Double](repeating: 1, count: 31)).encoded()),
      ("33-numbers", SymbolDistribution(probabilities: [Double](repeating: 1, count: 33)).encoded()),
      ("table-too-long", SymbolDistribution(probabilities: [Double](repeating: 1, count: 32)).encoded() + [0]),
      ("table-too-short", SymbolDistribution(probabilities: [Double](repeating: 1, count: 32)).encoded().dropLast()),
      ("table-empty", []), ("table-sum", [31, 0xFC] + [UInt8](repeating: 0xFF, count: 60)),
    ]
    for (what, table) in tables {
      try add("invalidModel", what, "dither-table", true) { damage(&$0) { $0.table = [UInt8(table.count)] + table } }
    }
  }

  /// Sizes and marks of blocks, scales of buckets, and exact coordinates.
  private static func addDitherBlocks(_ add: Add) throws {
    let base = "dither-layer"
    try add("invalidNumber", "dither-size-too-long", base, true) {
      damage(&$0) {
        let size = SpoiledFrame.varint(UInt64($0.marks.count + $0.exact.count + $0.coded.count))
        $0.size = size.dropLast() + [size[size.count - 1] | 0x80, 0]
      }
    }
    try add("invalidNumber", "dither-size-too-large", base, true) {
      damage(&$0) { $0.size = [0xFF, 0xFF, 0xFF, 0xFF, 0x7F] }
    }
    try add("truncated", "dither-marks", base, true) {
      damage(&$0) { ($0.marks, $0.coded) = ([], []) }
    }
    let marks: [(String, String, [UInt8])] = [
      ("invalidNumber", "dither-marks-too-long", [0x80, 0]), ("invalidNumber", "dither-mark-too-long", [1, 0x80, 0]),
      ("invalidNumber", "dither-mark-too-large", [1, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F]),
      ("invalidMarks", "beyond-last", [1, 4]), ("invalidMarks", "beyond-last-again", [2, 2, 0]),
      ("invalidMarks", "too-many", [3, 0, 0, 0]), ("invalidMarks", "far", [1, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F]),
      ("truncated", "dither-exact", [1, 1]),
    ]
    for (error, what, bytes) in marks {
      try add(error, what, base, true) {
        damage(&$0) {
          $0.marks = bytes
          $0.coded = [0]
        }
      }
    }
    try add("truncated", "dither-mark", base, true) { damage(&$0) { ($0.marks, $0.coded) = ([2, 0], []) } }
    for (what, scale) in [("zero", [0, 0, 0, 0]), ("mark", [0, 0, 0xC0, 0x7F])] as [(String, [UInt8])] {
      try add("invalidMarks", "no-scale-\(what)", base, true) { damage(&$0) { $0.front = scale } }
    }
    try add("invalidMarks", "one-of-three", "dither-zero-layer", true) { damage(&$0) { $0.marks = [2, 0, 0] } }
    try add("truncated", "dither-bucket-scales", "dither-bucket", true) {
      damage(&$0, hasScale: false, bucketCount: 8) { ($0.marks, $0.coded) = ($0.marks.dropLast(), []) }
    }
    try add("trailingBytes", "dither-behind-last-layer", base, true) { frame in
      damage(&frame)
      frame.bytes.insert(0, at: frame.bytes.count - 4)
    }
  }

  /// What follows the marks: numbers, raw bits, escapes.
  private static func addDitherStreams(_ add: Add) throws {
    let base = "dither-layer"
    let numbers = [UInt8](repeating: 16, count: 1500)
    let oneEscape: [UInt8] = [0] + numbers.dropFirst()
    try add("payload.truncated", "dither-states", base, true) { damage(&$0) { $0.coded = [0, 0, 1] } }
    try add("payload.truncated", "dither-nothing", base, true) { damage(&$0) { $0.coded = [] } }
    try add("payload.truncated", "dither-words", base, true) { damage(&$0) { $0.coded.removeLast(2) } }
    try add("payload.inconsistentState", "dither-small", base, true) { damage(&$0) { $0.coded[2...3] = [0, 0] } }
    try add("payload.inconsistentState", "dither-end", base, true) { damage(&$0) { $0.coded[0] ^= 1 } }
    try add("payload.trailingBits", "dither", base, true) { damage(&$0) { $0.coded.append(0) } }
    try add("payload.trailingBits", "dither-zero-layer", "dither-zero-layer", true) { damage(&$0) { $0.coded = [0] } }
    try add("payload.truncated", "dither-lows", "dither-raw-3", true) { damage(&$0) { $0.coded.removeLast() } }
    try add("payload.nonzeroPadding", "dither-lows", "dither-raw-3", true) {
      damage(&$0) { $0.coded[$0.coded.count - 1] |= 0x80 }
    }
    func addEscape(_ error: String, _ what: String, _ write: @escaping (inout BitWriter) -> Void) throws {
      try add(error, "dither-escape-\(what)", base, true) {
        damage(&$0) { $0.coded = $0.stream(oneEscape, write) }
      }
    }
    try addEscape("payload.truncated", "missing") { _ in }
    try addEscape("payload.truncated", "cut") { $0.write(0, count: 8) }
    try addEscape("payload.invalidCodeword", "zeros") { $0.write(0, count: 40) }
    // The largest |h| is 2^22, which is 15 more than the largest number here.
    try addEscape("payload.symbolOutOfRange", "too-large") {
      $0.write(gamma: 1 << 22 - 14)
      $0.write(bit: false)
    }
    try addEscape("payload.nonzeroPadding", "end") {
      $0.write(gamma: 1)
      $0.write(bit: true)
      $0.write(0x20, count: 6)
    }
    try addEscape("payload.trailingBits", "end") {
      $0.write(gamma: 1)
      $0.write(bit: true)
      $0.write(0, count: 8)
    }
  }
}

extension DitheredParts {
  /// What the law in the head makes of numbers, and what follows them.
  func stream(_ numbers: [UInt8], _ write: (inout BitWriter) -> Void) -> [UInt8] {
    guard let law,
      let distribution = try? SymbolDistribution(
        frequencies: DitherFamily.frequencies(shape: law.shape, scale: law.scale))
    else { preconditionFailure("The frame names no law of the family") }
    var bits = BitWriter()
    RANSCode(distribution).encode(numbers, to: &bits)
    write(&bits)
    return bits.finish()
  }
}
