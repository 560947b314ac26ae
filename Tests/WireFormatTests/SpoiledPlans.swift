import Quantization
import WireFormat

/// The bytes of a plan that no plan has, kept in Golden/invalid.
struct SpoiledPlan: Sendable {
  let name: String
  let error: String
  let bytes: [UInt8]

  /// Offsets in the plan of `fixed-main`: the type `bias` begins at 20 and `convolution` at 26.
  static func all() throws -> [SpoiledPlan] {
    var cases: [SpoiledPlan] = []
    let fixed = try PlanRecipe.mixed(code: .fixedWidth, coding: .main).plan().encoded()
    func add(_ error: String, _ what: String, to base: [UInt8], _ change: (inout SpoiledFrame) -> Void) {
      var plan = SpoiledFrame(base)
      change(&plan)
      cases.append(SpoiledPlan(name: "\(error)-plan-\(what)", error: error, bytes: plan.bytes))
    }
    let end = fixed.count
    add("truncated", "nothing", to: fixed) { $0.bytes = [] }
    add("truncated", "end", to: fixed) { $0.bytes.removeLast() }
    add("truncated", "levels", to: fixed) { $0.bytes.removeLast(end - 60) }
    add("badMagic", "frame", to: fixed) { $0.bytes[3] = 0x4E }
    add("unsupportedVersion", "1", to: fixed) { $0.bytes[4] = 1 }
    add("trailingBytes", "end", to: fixed) { $0.bytes.append(0) }
    add("malformedPlan", "protocol", to: fixed) { $0.bytes[5] = 2 }
    add("malformedPlan", "name", to: fixed) { $0.bytes[27] = 0xFF }
    add("malformedPlan", "order", to: fixed) { $0.bytes[27] = 0x61 }
    add("malformedPlan", "kind", to: fixed) { $0.bytes[38] = 5 }
    add("malformedPlan", "exponent", to: fixed) { $0.put(0x3F00_0000, at: 39) }
    add("malformedPlan", "exponent-nan", to: fixed) { $0.put(0x7FC0_0000, at: 39) }
    add("malformedPlan", "bucket", to: fixed) { $0.put(1 << 24 + 1, at: 43) }
    add("malformedPlan", "one-level", to: fixed) { $0.bytes[47] = 1 }
    add("malformedPlan", "equal-levels", to: fixed) { $0.put(0, at: 53) }
    add("malformedPlan", "close-levels", to: fixed) { $0.put(0x0080_0000, at: 53) }
    add("malformedPlan", "negative-zero-level", to: fixed) { $0.put(0x8000_0000, at: 49) }
    add("malformedPlan", "last-level", to: fixed) { $0.put(0x3F7F_FFFF, at: 65) }
    add("malformedPlan", "code", to: fixed) { $0.bytes[69] = 6 }
    add("malformedPlan", "repeated-name", to: fixed) { $0.bytes[end - 29 + 11] = 0x31 }
    add("malformedPlan", "layer-type", to: fixed) { $0.bytes[end - 10] = 4 }
    add("malformedPlan", "unused-type", to: fixed) { $0.bytes[end - 70] = 1 }
    add("malformedPlan", "empty-layer", to: fixed) { $0.put(0, at: end - 8) }
    add("malformedPlan", "huge-layer", to: fixed) { $0.bytes[end - 1] = 1 }
    let huffman = try PlanRecipe.mixed(code: .huffman, coding: .main).plan().encoded()
    add("malformedPlan", "table-size", to: huffman) { $0.bytes[72] ^= 1 }
    add("malformedPlan", "table-sum", to: huffman) { $0.bytes[73] = $0.bytes[73] & 0x0F | 0xE0 }
    let alternating = try PlanRecipe.mixed(code: .eliasGamma, coding: .alternating).plan().encoded()
    add("malformedPlan", "two-codes", to: alternating) { $0.bytes[69] = 2 }
    try addDithered { add($0, $1, to: $2, $3) }
    try addRotated { add($0, $1, to: $2, $3) }
    return cases
  }

  /// Bits, block and rounds of a rotated type, which has its kind at 27.
  private static func addRotated(
    _ add: (_ error: String, _ what: String, _ base: [UInt8], _ change: (inout SpoiledFrame) -> Void) -> Void
  ) throws {
    let plan = try PlanRecipe(
      layers: [("w", .linear, 5)], quantizers: [:], rotated: [.linear: EDENQuantizer(bits: 2)]
    ).plan().encoded()
    let fields: [(String, Int, UInt8)] = [
      ("bits-0", 28, 0), ("bits-9", 28, 9), ("block-6", 29, 6), ("block-17", 29, 17), ("block-255", 29, 255),
      ("rounds-0", 30, 0), ("rounds-5", 30, 5),
    ]
    for (what, offset, value) in fields {
      add("malformedPlan", "rotated-\(what)", plan) { $0.bytes[offset] = value }
    }
    add("truncated", "rotated-bits", plan) { $0.bytes.removeLast($0.bytes.count - 28) }
    add("truncated", "rotated-block", plan) { $0.bytes.removeLast($0.bytes.count - 29) }
    add("truncated", "rotated-rounds", plan) { $0.bytes.removeLast($0.bytes.count - 30) }
  }

  /// Steps and buckets of dithered types; the type `linear` of these plans has its kind at 27.
  private static func addDithered(
    _ add: (_ error: String, _ what: String, _ base: [UInt8], _ change: (inout SpoiledFrame) -> Void) -> Void
  ) throws {
    func plan(_ step: DitheredQuantizer.Step) throws -> [UInt8] {
      try PlanRecipe(
        layers: [("w", .linear, 5)], quantizers: [:], dithered: [.linear: DitheredQuantizer(step: step)]
      ).plan().encoded()
    }
    let relative = try plan(.relative(0.5, .layer))
    let agreed = try plan(.agreed(0.5))
    let steps: [(String, UInt32)] = [
      ("zero", 0), ("negative", 0xBF00_0000), ("nan", 0x7FC0_0000), ("infinite", 0x7F80_0000),
    ]
    for (what, pattern) in steps {
      add("malformedPlan", "relative-step-\(what)", relative) { $0.put(pattern, at: 28) }
      add("malformedPlan", "agreed-step-\(what)", agreed) { $0.put(pattern, at: 28) }
    }
    add("malformedPlan", "relative-step-small", relative) { $0.put(0x377F_FFFF, at: 28) }
    add("malformedPlan", "relative-step-large", relative) { $0.put(0x4780_0001, at: 28) }
    add("malformedPlan", "agreed-step-small", agreed) { $0.put(0x0D7F_FFFF, at: 28) }
    add("malformedPlan", "agreed-step-large", agreed) { $0.put(0x7180_0001, at: 28) }
    add("malformedPlan", "dither-bucket", relative) { $0.put(1 << 24 + 1, at: 32) }
    add("truncated", "relative-step", relative) { $0.bytes.removeLast($0.bytes.count - 30) }
    add("truncated", "dither-bucket", relative) { $0.bytes.removeLast($0.bytes.count - 34) }
    add("truncated", "agreed-step", agreed) { $0.bytes.removeLast($0.bytes.count - 30) }
  }
}
