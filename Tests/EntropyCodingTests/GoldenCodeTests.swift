import EntropyCoding
import Testing

/// The bytes of every code for one message; a change here is a change of the wire format.
///
/// They were made by an independent program written from the documentation comments alone.
@Suite struct GoldenCodeTests {
  private static let symbols: [UInt8] = [0, 1, 2, 1, 0, 1, 3, 1, 2, 0, 1, 4, 1, 0, 2, 1, 1, 0, 0, 1]
  private static let distribution = SymbolDistribution(
    probabilities: [0.254012, 0.438492, 0.253565, 0.053595, 0.000336])

  private func bytes(_ code: some Code, base: Int = 0) -> [UInt8] {
    var writer = BitWriter()
    code.encode(Self.symbols.span, base: base, to: &writer)
    return writer.finish()
  }

  @Test func fixedWidth() {
    #expect(bytes(FixedWidth(width: 3)) == [136, 130, 44, 66, 24, 40, 1, 2])
    #expect(
      bytes(FixedWidth(width: 10), base: 777) == [
        9, 43, 188, 176, 194, 9, 43, 204, 176, 194, 11, 39, 172, 112, 195, 10, 39, 188, 176, 194, 10, 39, 156, 176, 194,
      ])
  }
  @Test func eliasGamma() { #expect(bytes(EliasGamma()) == [101, 21, 145, 139, 170, 165, 5]) }
  @Test func eliasDelta() { #expect(bytes(EliasDelta()) == [69, 165, 24, 209, 98, 165, 138, 44]) }
  @Test func eliasOmega() { #expect(bytes(EliasOmega()) == [178, 72, 145, 73, 21, 75, 8]) }
  @Test func huffman() { #expect(bytes(HuffmanCode(Self.distribution)) == [153, 156, 229, 53, 10]) }
  @Test func rans() { #expect(bytes(RANSCode(Self.distribution)) == [238, 225, 92, 26, 163, 132, 156, 69]) }

  @Test("Long messages, by their check: two lanes, and full blocks")
  func long() {
    let code = RANSCode(Self.distribution)
    let checks = [205, 13108, 30000].map { repetitions in
      var writer = BitWriter()
      code.encode(Array(repeatElement(Self.symbols, count: repetitions).joined()), to: &writer)
      return CRC32C.checksum(writer.finish())
    }
    #expect(checks == [2_073_689_001, 3_798_777_236, 3_745_627_811])
  }
}
