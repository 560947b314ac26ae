import EntropyCoding
import LaminaNumerics
import RealModule
import Testing

/// The kernels of rANS against the coder of any alphabet: the same bytes, the same symbols, the same errors.
@Suite struct RANSKernelTests {
  private typealias Outcome = Result<[UInt8], EntropyCoding.DecodingError>

  /// Distributions that take every path to a number: cells with no, one, two or many boundaries, one number alone.
  static let distributions: [(name: String, distribution: SymbolDistribution)] = [
    ("bell", CodeZoo.bell(32)),
    ("steep", CodeZoo.steep(32)),
    ("uniform", SymbolDistribution(counts: [UInt64](repeating: 1, count: 32))),
    ("three, one rare", SymbolDistribution(probabilities: [0.5, 0, 0.5])),
    ("one", SymbolDistribution(probabilities: [1])),
    ("two", SymbolDistribution(probabilities: [1, 0])),
    ("crowded middle", SymbolDistribution(probabilities: [1] + [Double](repeating: 0, count: 28) + [1])),
    ("crowded cells", SymbolDistribution(probabilities: [1] + [Double](repeating: 0.006, count: 30) + [1])),
    ("narrow", SymbolDistribution(probabilities: (0..<32).map { 16 + Double($0 % 3) })),
    ("wide tails", SymbolDistribution(probabilities: (0..<32).map { ($0 - 16).magnitude > 4 ? 0.001 : 1 })),
  ]

  /// Around the sizes at which the number of lanes doubles, groups are complete, and blocks are full.
  static let counts = [
    1, 2, 3, 63, 2047, 2048, 4096, 8191, 16384, 32767, 32768, 32769, 32783, 32784, 65535, 65536, 65567, 131_072,
    131_135, 262_143, 262_144, 262_271, 262_272, 1 << 19, 1 << 19 + 1, 1 << 19 + 40_000,
  ]

  /// Symbols as the distribution has them, with every number at least once if there is room.
  static func symbols(_ count: Int, of distribution: SymbolDistribution, key: RandomKey) -> [UInt8] {
    let slots = distribution.frequencies.enumerated().flatMap { symbol, frequency in
      repeatElement(UInt8(symbol), count: Int(frequency))
    }
    var random = RandomStream(key: key)
    var symbols = (0..<count).map { _ in slots[Int(random.next() % 4096)] }
    for symbol in 0..<distribution.symbolCount where count > 64 {
      symbols[Int(random.next() % UInt64(count))] = UInt8(symbol)
    }
    return symbols
  }

  private func encoded(_ symbols: [UInt8], _ code: RANSCode, base: Int = 0) -> [UInt8] {
    var writer = BitWriter()
    code.encode(symbols.span, base: base, to: &writer)
    return writer.finish()
  }

  private func decoded(
    _ bytes: ArraySlice<UInt8>, _ count: Int, _ code: RANSCode, alphabet: Int, base: Int = 0
  ) -> (outcome: Outcome, position: Int) {
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

  @Test("Every tier writes and reads the twin's bytes", arguments: KernelTier.supported)
  func sameBytes(_ tier: KernelTier) {
    for (index, (name, distribution)) in Self.distributions.enumerated() {
      let twin = RANSCode(distribution, tier: nil)
      let code = RANSCode(distribution, tier: tier)
      // Distributions differ in how slots find numbers, sizes in how lanes are laid out: not all pairs are needed.
      for count in Self.counts where index == 0 || count < 5000 || (count + index) % 3 == 0 {
        let key = RandomKey(seed: 30).folding(UInt64(index)).folding(UInt64(count))
        let symbols = Self.symbols(count, of: distribution, key: key)
        let bytes = encoded(symbols, twin)
        #expect(encoded(symbols, code) == bytes, "\(tier), \(name), \(count)")
        let result = decoded(bytes[...], count, code, alphabet: distribution.symbolCount)
        #expect(result.outcome == .success(symbols), "\(tier), \(name), \(count)")
        #expect(result.position == 8 * bytes.count)
      }
    }
  }

  @Test("Every tier divides exactly, for every frequency", arguments: KernelTier.supported)
  func everyFrequency(_ tier: KernelTier) throws {
    var random = RandomStream(key: RandomKey(seed: 31))
    for frequency in stride(from: 1, to: 4096, by: 3) {
      let distribution = try SymbolDistribution(frequencies: [UInt16(frequency), UInt16(4096 - frequency)])
      // The fewest lanes that have kernels of their own; numbers equally often, whatever the code expects.
      let symbols = (0..<33_000).map { _ in UInt8(random.next() & 1) }
      let bytes = encoded(symbols, RANSCode(distribution, tier: nil))
      #expect(encoded(symbols, RANSCode(distribution, tier: tier)) == bytes, "\(tier), \(frequency)")
    }
  }

  @Test("Numbers that begin above 0, and alphabets that end below the last", arguments: KernelTier.supported)
  func bases(_ tier: KernelTier) {
    let distribution = CodeZoo.bell(32)
    let twin = RANSCode(distribution, tier: nil)
    let code = RANSCode(distribution, tier: tier)
    for (alphabet, base, count) in [(16, 16, 40_000), (7, 3, 300_000), (1, 31, 100), (20, 12, 70_000)] {
      let symbols = CodeZoo.symbols(count, alphabet: alphabet, key: RandomKey(seed: 32))
      let bytes = encoded(symbols, twin, base: base)
      #expect(encoded(symbols, code, base: base) == bytes)
      for (alphabet, base) in [
        (alphabet, base), (alphabet - 1, base), (alphabet, base + 1), (256, 0), (256, 31), (256, 32), (256, 1 << 40),
      ] where alphabet > 0 {
        let expected = decoded(bytes[...], count, twin, alphabet: alphabet, base: base)
        let found = decoded(bytes[...], count, code, alphabet: alphabet, base: base)
        #expect(found == expected, "\(tier), \(alphabet) from \(base)")
      }
    }
  }

  @Test("Damaged and shortened bytes fare in every tier as in the twin", arguments: KernelTier.supported)
  func damage(_ tier: KernelTier) {
    var random = RandomStream(key: RandomKey(seed: 33))
    var failures = 0
    for (index, (name, distribution)) in Self.distributions.enumerated() {
      let twin = RANSCode(distribution, tier: nil)
      let code = RANSCode(distribution, tier: tier)
      for count in [20, 3000, 33_001, 66_000, 140_001, 270_000] {
        let symbols = Self.symbols(count, of: distribution, key: RandomKey(seed: 34).folding(UInt64(index)))
        let bytes = encoded(symbols, twin)
        for round in 0..<(count < 100_000 ? 12 : 6) {
          var spoiled = bytes
          if round % 3 != 0 { spoiled[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 + random.next() % 255) }
          if round % 3 != 1 {
            // Near the end as often as anywhere.
            let range = round % 2 == 0 ? min(600, bytes.count) : bytes.count
            spoiled.removeLast(Int(random.next() % UInt64(range + 1)))
          }
          let alphabet = round == 5 ? max(1, distribution.symbolCount - 1) : distribution.symbolCount
          let expected = decoded(spoiled[...], count, twin, alphabet: alphabet)
          let found = decoded(spoiled[...], count, code, alphabet: alphabet)
          #expect(found == expected, "\(tier), \(name), \(count), round \(round)")
          if case .failure = expected.outcome { failures += 1 }
        }
      }
    }
    #expect(failures > 100)
  }

  @Test("Random bytes fare in every tier as in the twin", arguments: KernelTier.supported)
  func randomBytes(_ tier: KernelTier) {
    var random = RandomStream(key: RandomKey(seed: 35))
    for (name, distribution) in Self.distributions {
      let twin = RANSCode(distribution, tier: nil)
      let code = RANSCode(distribution, tier: tier)
      for count in [50, 33_000, 70_000, 300_000] {
        for size in [0, 63, 64, 511, 513, 900, 20_001] {
          // States that are valid, now and then.
          let bytes = (0..<size).map { $0 % 4 == 2 ? UInt8(random.next() % 255) + 1 : UInt8(random.next() & 255) }
          #expect(
            decoded(bytes[...], count, code, alphabet: distribution.symbolCount)
              == decoded(bytes[...], count, twin, alphabet: distribution.symbolCount),
            "\(tier), \(name), \(count), \(size)")
        }
      }
    }
  }

  @Test("512 Ki symbols take at most 0.5 % more than their entropy at 3 bits, 0.3 % at 4 and more")
  func overhead() {
    // Gaussian cells: p_k in proportion to g to the power of k².
    for (base, bits, share) in [(0.8768, 3.0, 1.005), (0.9677, 4.0, 1.003), (0.9863, 4.5, 1.003)] {
      let weights = (-16..<16).map { k in (0..<k * k).reduce(1.0) { weight, _ in weight * base } }
      let total = weights.reduce(0, +)
      let counts = weights.map { max(1, UInt64(($0 / total * 524_288).rounded())) }
      var random = RandomStream(key: RandomKey(seed: 36))
      let symbols = counts.enumerated().flatMap { repeatElement(UInt8($0), count: Int($1)) }.shuffled(using: &random)
      let entropy = counts.reduce(0.0) { sum, count in
        let share = Double(count) / Double(symbols.count)
        return sum - share * Double.log2(share)
      }
      #expect((bits..<bits + 0.3).contains(entropy))
      let size = Double(8 * encoded(symbols, RANSCode(SymbolDistribution(counts: counts))).count)
      #expect(size < share * entropy * Double(symbols.count), "\(entropy) bits")
      #expect(size > entropy * Double(symbols.count))
    }
  }
}
