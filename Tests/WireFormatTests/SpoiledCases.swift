import EntropyCoding
import Quantization
import Testing
import WireFormat

/// A frame that is kept in Golden/invalid: what its name says is wrong with it, and what every reader must say.
struct SpoiledCase: CustomTestStringConvertible, Sendable {
  /// The error, then what is wrong.
  let name: String
  /// The valid case whose plan, step and rank the reader expects.
  let base: String
  let error: String
  let bytes: [UInt8]

  var testDescription: String { name }

  static func all(_ valid: [GoldenCase]) throws -> [SpoiledCase] {
    var cases: [SpoiledCase] = []
    // `repairs` says that checksum and length are right again, so that the payload is reached.
    func add(
      _ error: String, _ what: String, _ base: String, _ repairs: Bool, _ change: (inout SpoiledFrame) -> Void
    ) throws {
      let golden = try #require(valid.first { $0.name == base })
      var frame = SpoiledFrame(try golden.made().bytes)
      change(&frame)
      if repairs { frame.repair() }
      cases.append(SpoiledCase(name: "\(error)-\(what)", base: base, error: error, bytes: frame.bytes))
    }
    try addHeaders(add)
    try addPayloads(add)
    try addStreams(add)
    try addNumbers(add)
    try addDithered(add)
    try addRotated(add)
    try addSums(add)
    return cases
  }

  typealias Add = (
    _ error: String, _ what: String, _ base: String, _ repairs: Bool, _ change: (inout SpoiledFrame) -> Void
  ) throws -> Void

  private static func addHeaders(_ add: Add) throws {
    let base = "fixed-main"
    try add("truncated", "nothing", base, false) { $0.bytes = [] }
    try add("truncated", "header", base, false) { $0.bytes.removeLast($0.bytes.count - 33) }
    try add("truncated", "payload", base, false) { $0.bytes.removeLast(5) }
    try add("truncated", "checksum", base, false) { $0.bytes.removeLast(1) }
    try add("badMagic", "plan", base, true) { $0.bytes[3] = 0x50 }
    try add("badMagic", "short", base, false) { $0.bytes = [1, 2, 3, 4] }
    try add("unsupportedVersion", "1", base, true) { $0.bytes[4] = 1 }
    try add("unsupportedVersion", "3", base, true) { $0.bytes[4] = 3 }
    try add("unknownKind", "2", base, true) { $0.bytes[5] = 2 }
    try add("trailingBytes", "behind-checksum", base, false) { $0.bytes.append(0) }
    try add("checksumMismatch", "payload", base, false) { $0.bytes[60] ^= 0x10 }
    try add("checksumMismatch", "checksum", base, false) { $0.bytes[$0.bytes.count - 1] ^= 1 }
    try add("staleLevels", "epoch", base, true) { $0.replace(.epoch, by: 2) }
    try add("planMismatch", "digest", base, true) { $0.bytes[SpoiledFrame.digestOffset] ^= 1 }
    try add("stepMismatch", "step", base, true) { $0.replace(.step, by: 4) }
    try add("rankMismatch", "rank", base, true) { $0.replace(.rank, by: 3) }
  }

  /// Numbers of the header that are too large, or written in more bytes than they need.
  private static func addNumbers(_ add: Add) throws {
    let base = "fixed-main"
    let wrong: [(String, SpoiledFrame.Number, [UInt8])] = [
      ("rank-too-large", .rank, [0x80, 0x80, 0x04]), ("rank-of-four-bytes", .rank, [0x80, 0x80, 0x80, 0x00]),
      ("rank-too-long", .rank, [0x82, 0x00]), ("epoch-too-large", .epoch, [0xFF, 0xFF, 0xFF, 0xFF, 0x10]),
      ("epoch-too-long", .epoch, [0x83, 0x80, 0x00]),
      ("step-too-large", .step, [UInt8](repeating: 0xFF, count: 9) + [0x02]),
      ("step-of-eleven-bytes", .step, [UInt8](repeating: 0x80, count: 10) + [0x01]),
      ("size-too-large", .payloadSize, [0xFF, 0xFF, 0xFF, 0xFF, 0x1F]),
    ]
    for (what, number, bytes) in wrong {
      try add("invalidNumber", what, base, false) {
        $0.replace(number, by: bytes)
        $0.repairChecksum()
      }
    }
    try add("truncated", "number", base, false) {
      $0.replace(.step, by: [0x80])
      $0.bytes.removeLast($0.bytes.count - $0.offset(of: .step) - 1)
    }
  }

  private static func addPayloads(_ add: Add) throws {
    let base = "fixed-main"
    let norms: [(String, UInt32)] = [
      ("negative", 0xBF80_0000), ("negative-zero", 0x8000_0000), ("infinite", 0x7F80_0000), ("tiny", 0x0D7F_FFFF),
      ("huge", 0x7180_0001), ("other-nan", 0x7FC0_0001), ("negative-nan", 0xFFC0_0000),
    ]
    for (what, pattern) in norms {
      try add("invalidNorm", what, base, true) { $0.put(pattern, at: $0.payloadStart + 4) }
    }
    try add("invalidNorm", "vector", "vector-norm", true) { $0.put(0x7F80_0000, at: $0.payloadStart) }
    try add("truncated", "norms", base, true) { $0.bytes.removeLast($0.bytes.count - $0.payloadStart - 4 - 14) }
    try add("truncated", "fields", base, true) { $0.bytes.removeLast(8) }
    try add("truncated", "exact-bucket", base, true) { $0.put(0x7FC0_0000, at: $0.payloadStart) }
    try add("truncated", "exact-layer", "exact-only", true) { $0.bytes.removeLast(1) }
    try add("trailingBytes", "behind-last-layer", base, true) { $0.bytes.append(0) }
    // The first layer has four norms and fields of four bits, three of index and one of sign, for five levels.
    try add("levelOutOfRange", "index", base, true) {
      $0.bytes[$0.payloadStart + 16] = $0.bytes[$0.payloadStart + 16] & 0xF0 | 5
    }
    try add("levelOutOfRange", "signed-index", base, true) {
      $0.bytes[$0.payloadStart + 16] = $0.bytes[$0.payloadStart + 16] & 0xF0 | 15
    }
    try add("levelOutOfRange", "negative-zero", base, true) {
      $0.bytes[$0.payloadStart + 16] = $0.bytes[$0.payloadStart + 16] & 0xF0 | 8
    }
    // conv1 takes 116 bytes, the bias 28, linear 40, and embed three norms and 33 fields of two bits.
    try add("payload.nonzeroPadding", "fields", base, true) {
      $0.bytes[$0.payloadStart + 116 + 28 + 40 + 12 + 8] |= 0x80
    }
    let tail = 116 + 28 + 40 + 12
    try add("levelOutOfRange", "negative-zero-in-tail", base, true) {
      $0.bytes[$0.payloadStart + tail] = $0.bytes[$0.payloadStart + tail] & 0xFC | 2
    }
  }

  private static func addStreams(_ add: Add) throws {
    let coded = LayerCode.Kind.allCases.flatMap { kind in
      CodingProtocol.allCases.map { (kind, "\(kind.rawValue)-\($0)") }
    }.filter { $0.1 != "fixed-main" }
    for (_, base) in coded {
      try add("payload.truncated", base, base, true) { $0.replaceStream(at: $0.payloadStart + 16) { $0.dropLast() } }
      try add("payload.trailingBits", base, base, true) { $0.replaceStream(at: $0.payloadStart + 16) { $0 + [0] } }
      try add("truncated", "stream-\(base)", base, true) { $0.put(.max, at: $0.payloadStart + 16) }
    }
    for kind in ["elias-gamma", "elias-delta", "elias-omega"] {
      for (coding, numbers) in [("main", 5), ("alternating", 15)] {
        // One symbol too many for the layer's type, in a stream that is otherwise as long as it should be.
        try add("payload.symbolOutOfRange", "\(kind)-\(coding)", "\(kind)-\(coding)", true) {
          $0.replaceStream(at: $0.payloadStart + 16) { _ in
            stream(kind, symbols: [UInt8(numbers)] + .init(repeating: 0, count: 199))
          }
        }
      }
    }
    for base in ["elias-gamma-main", "elias-delta-alternating"] {
      try add("payload.invalidCodeword", base, base, true) {
        $0.replaceStream(at: $0.payloadStart + 16) { [0, 0, 0, 0] + $0.dropFirst(4) }
      }
    }
    let union = try PlanRecipe.mixed(code: .rans, coding: .alternating).plan().plans[.convolution]?.code?.distribution
    let code = RANSCode(try #require(union))
    try add("payload.symbolOutOfRange", "another-type", "rans-alternating", true) {
      // Symbol 7 of the union is the first of linear; the layer is a convolution, with the symbols 0 to 4.
      $0.replaceStream(at: $0.payloadStart + 16) { _ in
        var bits = BitWriter()
        code.encode([UInt8](repeating: 7, count: 200), to: &bits)
        return bits.finish()
      }
    }
    for base in ["rans-main", "rans-alternating"] {
      try add("payload.inconsistentState", "small-\(base)", base, true) {
        $0.replaceStream(at: $0.payloadStart + 16) { $0.prefix(2) + [0, 0] + $0.dropFirst(4) }
      }
    }
    try add("payload.nonzeroPadding", "huffman", "huffman-alternating", true) {
      $0.replaceStream(at: $0.payloadStart + 16) { stream in stream.dropLast() + [stream[stream.count - 1] | 0x80] }
    }
    try add("payload.nonzeroPadding", "fixed", "fixed-alternating", true) {
      $0.replaceStream(at: $0.payloadStart + 16) { stream in stream.dropLast() + [stream[stream.count - 1] | 0x80] }
    }
  }

  private static func stream(_ kind: String, symbols: [UInt8]) -> [UInt8] {
    var bits = BitWriter()
    switch kind {
    case "elias-gamma": EliasGamma().encode(symbols, to: &bits)
    case "elias-delta": EliasDelta().encode(symbols, to: &bits)
    default: EliasOmega().encode(symbols, to: &bits)
    }
    // The sign of the one symbol that is not zero.
    bits.write(bit: false)
    return bits.finish()
  }
}
