import EntropyCoding
import LaminaNumerics
import Testing

@Suite struct RANSCodeTests {
  @Test("The number of lanes is the largest power of two up to n / 1024, from 1 to 32, then n / 2048, up to 128")
  func lanes() {
    let counts = [
      0, 1, 1023, 1024, 2047, 2048, 4095, 4096, 32_767, 32_768, 131_071, 131_072, 262_143, 262_144, 1 << 30,
    ]
    let lanes = [1, 1, 1, 1, 1, 2, 2, 4, 16, 32, 32, 64, 64, 128, 128]
    #expect(counts.map { RANSCode.laneCount(symbolCount: $0) } == lanes)
  }

  @Test("Blocks beyond 2¹⁹ symbols stand one after the other")
  func blocks() throws {
    for count in [1 << 19, 1 << 19 + 1, 3 << 18, 1 << 20] {
      try checkCode(CodeSpecimen(rans: RANSCode(CodeZoo.bell(16)), alphabet: 16), counts: [count])
    }
  }

  @Test("The coded size is within 0.3 % of the entropy at 4 bits in blocks of 2¹⁹")
  func overhead() {
    let distribution = CodeZoo.bell(24)
    var slots: [UInt8] = []
    for (symbol, frequency) in distribution.frequencies.enumerated() {
      slots += repeatElement(UInt8(symbol), count: Int(frequency))
    }
    // Every slot equally often, in a random order: the empirical entropy is the distribution's, exactly.
    var random = RandomStream(key: RandomKey(seed: 5))
    let symbols = (0..<64).flatMap { _ in slots.shuffled(using: &random) }
    var writer = BitWriter()
    RANSCode(distribution).encode(symbols, to: &writer)
    #expect(Double(writer.bitCount) < 1.003 * distribution.entropy * Double(symbols.count))
  }

  @Test("A symbol of probability 1 costs nothing but the lane states")
  func certainty() {
    var writer = BitWriter()
    RANSCode(SymbolDistribution(probabilities: [1])).encode([UInt8](repeating: 0, count: 2000), to: &writer)
    #expect(writer.finish() == [0, 0, 1, 0])
  }

  @Test("Every flipped bit of a short message is noticed or changes the symbols")
  func flippedBits() {
    let specimen = CodeSpecimen(rans: RANSCode(CodeZoo.bell(16)), alphabet: 16)
    let symbols = CodeZoo.symbols(100, alphabet: 16, key: RandomKey(seed: 6))
    var writer = BitWriter()
    specimen.code.encode(symbols.span, base: 0, to: &writer)
    let bytes = writer.finish()
    for bit in 0..<(8 * bytes.count) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      var reader = BitReader(damaged)
      #expect(decode(specimen, count: symbols.count, from: &reader) != .success(symbols))
    }
  }
}
