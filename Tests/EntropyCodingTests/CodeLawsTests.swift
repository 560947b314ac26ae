import EntropyCoding
import Testing

@Suite struct CodeLawsTests {
  @Test("Every code obeys the laws of Code at the sizes around word and chunk boundaries", arguments: CodeZoo.specimens)
  func laws(specimen: CodeSpecimen) throws {
    try checkCode(specimen, counts: [0, 1, 2, 7, 8, 9, 63, 64, 65, 511, 512, 513, 1023, 1024, 1025])
  }

  @Test("Every code obeys the laws of Code on many symbols", arguments: CodeZoo.specimens)
  func manySymbols(specimen: CodeSpecimen) throws { try checkCode(specimen, counts: [100_000]) }

  @Test("No symbols write no bits")
  func empty() {
    for specimen in CodeZoo.specimens {
      var writer = BitWriter()
      writer.write(bit: true)
      specimen.code.encode([UInt8]().span, base: specimen.base, to: &writer)
      #expect(writer.bitCount == 1)
    }
  }

  @Test("The expected length is the mean cost")
  func expectedLength() {
    #expect(EliasGamma().expectedLength(under: [0.5, 0.25, 0.25]) == 0.5 + 0.25 * 3 + 0.25 * 3)
    #expect(FixedWidth(width: 5).expectedLength(under: [0.5, 0.5], base: 7) == 5)
    let distribution = CodeZoo.bell(16)
    let probabilities = (0..<16).map { distribution.probability(of: $0) }
    #expect(abs(RANSCode(distribution).expectedLength(under: probabilities) - distribution.entropy) < 1e-12)
  }
}
