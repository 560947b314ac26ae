import EntropyCoding
import Testing

@Suite struct EliasTests {
  /// The codeword of n as it is printed, first bit first.
  private func codeword(_ code: some Code, _ n: Int) throws -> String {
    var writer = BitWriter()
    code.encode([UInt8(n - 1)].span, base: 0, to: &writer)
    let count = writer.bitCount
    var reader = BitReader(writer.finish())
    var text = ""
    for _ in 0..<count { text += try reader.readBit() ? "1" : "0" }
    return text
  }

  @Test(
    "Elias gamma has the textbook codewords",
    arguments: [
      (1, "1"), (2, "010"), (3, "011"), (4, "00100"), (5, "00101"), (8, "0001000"), (17, "000010001"),
      (256, "00000000100000000"),
    ])
  func gamma(n: Int, expected: String) throws { #expect(try codeword(EliasGamma(), n) == expected) }

  @Test(
    "Elias delta has the textbook codewords",
    arguments: [
      (1, "1"), (2, "0100"), (3, "0101"), (4, "01100"), (5, "01101"), (8, "00100000"), (17, "001010001"),
      (256, "000100100000000"),
    ])
  func delta(n: Int, expected: String) throws { #expect(try codeword(EliasDelta(), n) == expected) }

  @Test(
    "Elias omega has the textbook codewords",
    arguments: [
      (1, "0"), (2, "100"), (3, "110"), (4, "101000"), (7, "101110"), (8, "1110000"), (15, "1111110"),
      (16, "10100100000"), (100, "1011011001000"), (256, "1110001000000000"),
    ])
  func omega(n: Int, expected: String) throws { #expect(try codeword(EliasOmega(), n) == expected) }

  @Test("The lengths follow Elias's formulas for every number, and Kraft's sum stays below 1")
  func lengths() {
    var kraft = (gamma: 0.0, delta: 0.0, omega: 0.0)
    for n in 1...4096 {
      let log = Int.bitWidth - 1 - n.leadingZeroBitCount
      let logLog = Int.bitWidth - 1 - (log + 1).leadingZeroBitCount
      var omega = 1
      var m = n
      while m > 1 {
        let group = Int.bitWidth - m.leadingZeroBitCount
        omega += group
        m = group - 1
      }
      #expect(EliasGamma().cost(of: n - 1) == Double(2 * log + 1))
      #expect(EliasDelta().cost(of: n - 1) == Double(log + 2 * logLog + 1))
      #expect(EliasOmega().cost(of: n - 1) == Double(omega))
      kraft.gamma += 1 / Double(1 << (2 * log + 1))
      kraft.delta += 1 / Double(1 << (log + 2 * logLog + 1))
      kraft.omega += 1 / Double(1 << omega)
    }
    #expect(kraft.gamma < 1 && kraft.delta < 1 && kraft.omega < 1)
  }

  @Test("A number above 4096 is no codeword, and zeros without end are truncated")
  func invalid() {
    var output: [UInt8] = [0]
    var span = output.mutableSpan
    var zeros = BitReader([0, 0, 0, 0, 0, 0, 0, 0])
    #expect(throws: EntropyCoding.DecodingError.invalidCodeword) {
      try EliasGamma().decode(into: &span, alphabet: 256, base: 0, from: &zeros)
    }
    var few = BitReader([0, 0])
    #expect(throws: EntropyCoding.DecodingError.truncated) {
      try EliasGamma().decode(into: &span, alphabet: 256, base: 0, from: &few)
    }
  }
}
