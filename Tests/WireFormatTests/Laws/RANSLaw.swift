import EntropyCoding
import LaminaNumerics

/// The kernels of rANS write the bytes, find the symbols and find the errors of the coder of any alphabet.
enum RANSLaw {
  private typealias Outcome = Result<[UInt8], EntropyCoding.DecodingError>

  /// Any bytes under any distribution.
  static func anyBytes(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let setting = Setting(&bytes)
    let isRepeated = bytes.choice(4) == 0
    let encoded = bytes.remainder()
    // Many lanes need more bytes than inputs have.
    try setting.compare(isRepeated ? Array([[UInt8]](repeating: encoded, count: 16).joined()) : encoded)
  }

  /// The bytes of a message, some of which are replaced, and whose end is missing.
  static func damagedBytes(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let setting = Setting(&bytes)
    let damage = (0..<bytes.choice(4)).map { _ in (place: bytes.number() << 4 | bytes.choice(16), byte: bytes.byte()) }
    let missing = bytes.choice(3) == 0 ? bytes.number() : 0
    let pattern = bytes.remainder()
    let numbers = min(setting.distribution.symbolCount, 256)
    let symbols = (0..<setting.count).map { i in
      pattern.isEmpty ? 0 : UInt8(Int(pattern[i % pattern.count]) % numbers)
    }
    var sound = try setting.encode(symbols)
    try setting.compare(sound)
    for (place, byte) in damage where !sound.isEmpty { sound[place % sound.count] ^= byte }
    try setting.compare(sound.dropLast(missing % (sound.count + 1)))
  }

  private struct Setting {
    let distribution: SymbolDistribution
    let alphabet: Int
    let base: Int
    let count: Int
    let twin: RANSCode
    let codes: [(tier: KernelTier, code: RANSCode)]

    init(_ bytes: inout InputBytes) {
      let distribution = bytes.distribution(1 + bytes.choice(32))
      self.distribution = distribution
      let isWhole = bytes.choice(4) > 0
      alphabet = isWhole ? 256 : 1 + bytes.choice(33)
      base = isWhole ? 0 : bytes.choice(34)
      // Lanes double at 4096, 8192, …; kernels of their own begin with 16 lanes.
      switch bytes.byte() {
      case 0..<200: count = Int(bytes.byte())
      case 200..<240: count = bytes.number() % 9000
      case 240..<250: count = 32_768 + bytes.number() % 40_000
      default: count = 131_072 + bytes.number() * 3
      }
      twin = RANSCode(distribution, tier: nil)
      codes = KernelTier.supported.map { ($0, RANSCode(distribution, tier: $0)) }
    }

    func encode(_ symbols: [UInt8]) throws(BrokenLaw) -> [UInt8] {
      func encoded(_ code: RANSCode) -> [UInt8] {
        var writer = BitWriter()
        code.encode(symbols, to: &writer)
        return writer.finish()
      }
      let expected = encoded(twin)
      for (tier, code) in codes { try hold(encoded(code) == expected, "Tier \(tier) writes other bytes") }
      return expected
    }

    func compare(_ bytes: [UInt8]) throws(BrokenLaw) {
      let expected = decoded(bytes, twin)
      for (tier, code) in codes {
        let found = decoded(bytes, code)
        try hold(found.position == expected.position, "Tier \(tier) ends elsewhere")
        try hold(found.outcome.isSame(as: expected.outcome), "Tier \(tier) reads other symbols, or finds another error")
      }
    }

    private func decoded(_ bytes: [UInt8], _ code: RANSCode) -> (outcome: Outcome, position: Int) {
      var output = [UInt8](repeating: 0, count: count)
      var reader = BitReader(bytes)
      var span = output.mutableSpan
      do {
        try code.decode(into: &span, alphabet: alphabet, base: base, from: &reader)
        return (.success(output), reader.position)
      } catch {
        return (.failure(error), reader.position)
      }
    }
  }
}
