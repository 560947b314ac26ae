import EntropyCoding
import LaminaNumerics
import RealModule
import Testing

@Suite struct HuffmanCodeTests {
  private func probabilities(_ distribution: SymbolDistribution) -> [Double] {
    (0..<distribution.symbolCount).map { distribution.probability(of: $0) }
  }

  private func entropy(_ probabilities: [Double]) -> Double {
    probabilities.reduce(0) { $1 > 0 ? $0 - $1 * Double.log2($1) : $0 }
  }

  @Test("Fact 8: example 4.3 has the Huffman lengths, entropies and expected lengths of the specification")
  func example() {
    let adapted = [0.254012, 0.438492, 0.253565, 0.053595, 0.000336]
    let code = HuffmanCode(SymbolDistribution(probabilities: adapted))
    #expect(code.lengths == [2, 1, 3, 4, 4])
    #expect(abs(entropy(adapted) - 1.75582) < 1e-5)
    #expect(abs(code.expectedLength(under: adapted) - 1.92294) < 1e-5)
    let uniform = [0.682449, 0.315947, 0.001603, 0, 0]
    let other = HuffmanCode(SymbolDistribution(probabilities: uniform))
    #expect(other.lengths == [1, 2, 3, 4, 4])
    #expect(abs(entropy(uniform) - 0.91624) < 1e-5)
    #expect(abs(other.expectedLength(under: uniform) - 1.31915) < 1e-5)
  }

  @Test("Fact 8: H ≤ E len < H + 1 and Kraft's sum is 1, for random distributions")
  func bounds() {
    var random = RandomStream(key: RandomKey(seed: 2))
    for count in [2, 3, 5, 16, 31, 128, 256, 1024, 1025, 4096] {
      for power in [0, 1, 3, 12] {
        let weights = (0..<count).map { _ in
          (0..<power).reduce(1.0) { product, _ in product * random.nextUnit() }
        }
        let distribution = SymbolDistribution(probabilities: weights)
        let code = HuffmanCode(distribution)
        let length = code.expectedLength(under: probabilities(distribution))
        #expect(distribution.entropy - 1e-12 <= length && length < distribution.entropy + 1)
        #expect(code.lengths.reduce(0) { $0 + 1 << (15 - Int($1)) } == 1 << 15)
      }
    }
  }

  @Test("Fact 8: one symbol has length 1 by convention")
  func oneSymbol() throws {
    let code = HuffmanCode(SymbolDistribution(probabilities: [1]))
    #expect(code.lengths == [1])
    var output: [UInt8] = [9]
    var span = output.mutableSpan
    var reader = BitReader([1])
    #expect(throws: EntropyCoding.DecodingError.invalidCodeword) {
      try code.decode(into: &span, alphabet: 1, base: 0, from: &reader)
    }
  }

  @Test("Lengths are those of the plain merging algorithm in total, where the limit does not bind")
  func optimality() {
    var random = RandomStream(key: RandomKey(seed: 3))
    for count in [2, 3, 7, 16, 100, 256] {
      let distribution = SymbolDistribution(probabilities: (0..<count).map { _ in random.nextUnit() })
      let lengths = HuffmanCode(distribution).lengths
      let total = zip(distribution.frequencies, lengths).reduce(0) { $0 + Int($1.0) * Int($1.1) }
      // Each merge adds one bit to everything below it, so the merged weights sum to the total length.
      var weights = distribution.frequencies.map { Int($0) }
      var expected = 0
      while weights.count > 1 {
        weights.sort(by: >)
        let merged = weights.removeLast() + weights.removeLast()
        expected += merged
        weights.append(merged)
      }
      #expect(total == expected)
    }
  }

  @Test("Fibonacci weights would need 19 bits; the limit of 15 keeps Kraft's sum at 1 and H + 1")
  func lengthLimit() {
    var weights: [UInt16] = [1, 1]
    while weights.count < 20 { weights.append(weights[weights.count - 1] + weights[weights.count - 2]) }
    #expect(packageMergeLengths(weights, limit: 20).max() == 19)
    let lengths = packageMergeLengths(weights, limit: 15)
    #expect(lengths.max() == 15)
    #expect(lengths.reduce(0) { $0 + 1 << (15 - Int($1)) } == 1 << 15)
    let sum = weights.reduce(0.0) { $0 + Double($1) }
    let length = zip(weights, lengths).reduce(0.0) { $0 + Double($1.0) / sum * Double($1.1) }
    #expect(length < entropy(weights.map { Double($0) / sum }) + 1)
  }

  @Test("Package-merge equals the best of all length vectors")
  func packageMerge() {
    let limit = 3
    for weights: [UInt16] in [
      [1, 1, 1, 1, 1], [1, 2, 4, 8, 16], [1, 1, 2, 3, 50], [30, 1, 1, 1, 1], [7, 7, 7, 1, 20],
    ] {
      var best = Int.max
      for choice in 0..<243 {
        let lengths = (0..<5).map { symbol in 1 + (0..<symbol).reduce(choice) { value, _ in value / 3 } % 3 }
        let kraft = lengths.reduce(0) { $0 + 1 << (limit - $1) }
        guard kraft <= 1 << limit else { continue }
        best = min(best, zip(weights, lengths).reduce(0) { $0 + Int($1.0) * $1.1 })
      }
      let lengths = packageMergeLengths(weights, limit: limit)
      #expect(lengths.allSatisfy { (1...UInt8(limit)).contains($0) })
      #expect(zip(weights, lengths).reduce(0) { $0 + Int($1.0) * Int($1.1) } == best)
    }
  }

  @Test("Canonical codewords are numbered by length, then symbol")
  func canonical() throws {
    let code = try HuffmanCode(lengths: [2, 1, 3, 3])
    var writer = BitWriter()
    code.encode([0, 1, 2, 3], to: &writer)
    // 10, 0, 110, 111, first bit lowest.
    #expect(writer.finish() == [0b1101_1001, 0b0000_0001])
  }

  @Test("Lengths travel and come back; incomplete or oversubscribed ones are refused")
  func lengthsTravel() throws {
    for distribution in [CodeZoo.bell(1), CodeZoo.bell(16), CodeZoo.steep(256), CodeZoo.steep(4096)] {
      let code = HuffmanCode(distribution)
      var writer = BitWriter()
      code.writeLengths(to: &writer)
      let bytes = writer.finish()
      var reader = BitReader(bytes)
      #expect(try HuffmanCode(lengthsFrom: &reader) == code)
      try reader.finish()
      for length in [0, 1, bytes.count - 1] {
        var short = BitReader(bytes[..<length])
        #expect(throws: EntropyCoding.DecodingError.truncated) { try HuffmanCode(lengthsFrom: &short) }
        #expect(short.position == 0)
      }
    }
    for lengths: [UInt8] in [[], [2], [1, 1, 1], [1, 2], [0, 1], [1, 16], [16, 16]] {
      #expect(throws: EntropyCoding.DecodingError.incompleteCode) { try HuffmanCode(lengths: lengths) }
    }
  }
}
