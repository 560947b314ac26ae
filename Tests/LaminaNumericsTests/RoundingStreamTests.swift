import LaminaNumerics
import Testing

/// The draws that round coordinates: known answers, and the statistics that unbiased rounding rests on.
///
/// All keys are fixed. Bounds are 5 standard errors of the statistic under perfect randomness.
@Suite struct RoundingStreamTests {
  private static let root = RandomKey(seed: 2024)

  @Test("Known answers, computed apart from the definition in WireFormat.md")
  func knownAnswers() {
    let elements = [0, 1, 15, 16, 31, 32, 511, 100_000]
    let zero = RoundingStream(key: RandomKey(seed: 0))
    #expect(RandomKey(seed: 0).word == 0xE220_A839_7B1D_CDAF)
    #expect([zero.firstWord, zero.secondWord, zero.lowByte] == [0x7B1D_CDAF, 0xE220_A839, 0xA7])
    #expect(
      elements.map { zero.numerator(at: $0) }
        == [0xC447A7, 0xD691A7, 0x2C04A7, 0xFEE7A7, 0x6C1EA7, 0x0631A7, 0xFF4EA7, 0x94D5A7])
    let folded = RoundingStream(key: RandomKey(seed: 7).folding(3).folding(1).folding(2).folding(0))
    #expect(
      elements.map { folded.numerator(at: $0) }
        == [0xBCB231, 0x3D7731, 0x19E831, 0x907D31, 0xE7DF31, 0x6CAA31, 0x93B231, 0x7E3131])
    let ends = RandomKey(seed: .max).folding(.max)
    #expect(ends.word == 0xD30B_EA23_A363_AB9E)
    #expect(RoundingStream(key: ends).numerator(at: 100_000) == 0x2CB5F9)
  }

  @Test("Draws are odd multiples of 2⁻²⁴ strictly between 0 and 1")
  func range() {
    for key in 0..<64 as Range<UInt64> {
      let stream = RoundingStream(key: Self.root.folding(key))
      for element in 0..<4096 {
        let numerator = stream.numerator(at: element)
        #expect(numerator & 1 == 1 && numerator < 1 << 24)
        #expect(stream.draw(at: element) == Float(Double(numerator) / 16_777_216))
      }
    }
  }

  @Test("The 16-bit halves of words are uniform along one bucket and across many")
  func uniformHalves() {
    let values = 1 << 22
    for key in 0..<2 as Range<UInt64> {
      let stream = RoundingStream(key: Self.root.folding(key))
      var halves = Array(repeating: [Int](repeating: 0, count: 1 << 16), count: 2)
      for index in 0..<UInt32(values) {
        let word = stream.word(at: index)
        halves[0][Int(word >> 16)] += 1
        halves[1][Int(word & 0xFFFF)] += 1
      }
      for counts in halves { expectUniform(counts) }
    }
    // What training sees: the first elements of very many buckets.
    var counts = [Int](repeating: 0, count: 1 << 16)
    for bucket in 0..<UInt64(values / 32) {
      let stream = RoundingStream(key: Self.root.folding(99).folding(bucket))
      for element in 0..<32 { counts[Int(stream.numerator(at: element) >> 8)] += 1 }
    }
    expectUniform(counts)
  }

  @Test("The offsets of buckets are uniform")
  func uniformOffsets() {
    var counts = [Int](repeating: 0, count: 128)
    for bucket in 0..<(1 << 20) as Range<UInt64> {
      counts[Int(RoundingStream(key: Self.root.folding(bucket)).lowByte >> 1)] += 1
    }
    expectUniform(counts)
  }

  @Test("The mean of the draws is ½ and their variance 1/12")
  func moments() {
    for element in [0, 1, 15, 16, 17, 31, 32, 1000] {
      let draws = (0..<(1 << 17) as Range<UInt64>).map {
        Double(RoundingStream(key: Self.root.folding(7).folding($0)).draw(at: element))
      }
      let n = Double(draws.count)
      #expect(abs(draws.reduce(0, +) / n - 0.5) <= 5 * (1 / (12 * n)).squareRoot())
      let variance = draws.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / n
      // The fourth central moment is 1/80, so that the variance of a square is 1/80 − 1/144 = 1/180.
      #expect(abs(variance - 1.0 / 12) <= 5 * (1 / (180 * n)).squareRoot())
    }
  }

  @Test(
    "Draws of neighbouring coordinates of a bucket are uncorrelated", arguments: [1, 2, 8, 15, 16, 17, 32, 48, 512])
  func neighbours(_ distance: Int) {
    for key in 0..<4 as Range<UInt64> {
      let stream = RoundingStream(key: Self.root.folding(500 + key))
      expectUncorrelated { (stream.draw(at: $0), stream.draw(at: $0 + distance)) }
    }
  }

  @Test("Draws of the same coordinate of neighbouring buckets, layers, ranks and steps are uncorrelated")
  func neighbouringKeys() {
    for label in 0..<4 {
      for element in [0, 5, 16] {
        expectUncorrelated { n in
          let draws = [n, n + 1].map { value in
            // The labels are step, rank, layer and bucket; one of them counts.
            let key = (0..<4).reduce(Self.root) { $0.folding($1 == label ? UInt64(value) : 3) }
            return RoundingStream(key: key).draw(at: element)
          }
          return (draws[0], draws[1])
        }
      }
    }
  }

  @Test("Seeds that differ in one bit draw unlike numbers")
  func seedBits() {
    for bit in 0..<64 {
      let streams = [0, 1 << UInt64(bit)].map { RoundingStream(key: RandomKey(seed: 0x1234 ^ $0)) }
      let count = 4096
      let sum = (0..<count).reduce(0.0) {
        $0 + (Double(streams[0].draw(at: $1)) - 0.5) * (Double(streams[1].draw(at: $1)) - 0.5)
      }
      #expect(abs(sum / Double(count) * 12) <= 5 / Double(count).squareRoot(), "bit \(bit)")
    }
  }

  /// Pearson's statistic of equally likely cells: mean k − 1, variance 2(k − 1).
  private func expectUniform(_ counts: [Int]) {
    let expected = Double(counts.reduce(0, +)) / Double(counts.count)
    let statistic = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    let freedom = Double(counts.count - 1)
    #expect(abs(statistic - freedom) <= 5 * (2 * freedom).squareRoot(), "χ² = \(statistic)")
  }

  /// The covariance of two uniform draws is zero with standard error 1/(12√n).
  private func expectUncorrelated(_ pair: (Int) -> (Float, Float)) {
    let count = 1 << 17
    var sum = 0.0
    for n in 0..<count {
      let (left, right) = pair(n)
      sum += (Double(left) - 0.5) * (Double(right) - 0.5)
    }
    #expect(abs(sum / Double(count)) * 12 <= 5 / Double(count).squareRoot(), "correlation \(12 * sum / Double(count))")
  }
}
