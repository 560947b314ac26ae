import EntropyCoding
import LaminaNumerics
import RealModule
import Testing

@Suite struct SymbolDistributionTests {
  @Test("Frequencies are positive, sum to the power of two, and stay near the probabilities")
  func quantisation() {
    var random = RandomStream(key: RandomKey(seed: 4))
    for count in [1, 2, 3, 16, 256, 1024, 1025, 4096] {
      for power in [0, 1, 4, 30] {
        let weights = (0..<count).map { _ in (0..<power).reduce(1.0) { product, _ in product * random.nextUnit() } }
        let distribution = SymbolDistribution(probabilities: weights)
        let total = count <= 1024 ? 4096 : 16384
        #expect(distribution.total == total)
        #expect(distribution.frequencies.reduce(0) { $0 + Int($1) } == total)
        #expect(!distribution.frequencies.contains(0))
        let sum = weights.reduce(0, +)
        let probabilities = weights.map { $0 / sum }
        let entropy = probabilities.reduce(0) { $1 > 0 ? $0 - $1 * Double.log2($1) : $0 }
        // KL ≤ χ² log₂ e; |p − q| is at most 1/T from rounding and p·n/T from what the lifted symbols take, q ≥ p/2.
        let ratio = Double(count) / Double(total)
        let root = ratio.squareRoot() + ratio * 2.0.squareRoot()
        #expect(distribution.crossEntropy(under: probabilities) - entropy <= root * root / Double.log(2))
      }
    }
  }

  @Test("Known frequencies")
  func known() {
    #expect(SymbolDistribution(probabilities: [1]).frequencies == [4096])
    #expect(SymbolDistribution(probabilities: [0.5, 0.25, 0.25]).frequencies == [2048, 1024, 1024])
    #expect(SymbolDistribution(probabilities: [1, 1, 1]).frequencies == [1366, 1365, 1365])
    #expect(SymbolDistribution(probabilities: [1, 0, 0]).frequencies == [4094, 1, 1])
    #expect(SymbolDistribution(probabilities: [0, 0]).frequencies == [2048, 2048])
    #expect(SymbolDistribution(counts: [0, 3, 1]).frequencies == [1, 3071, 1024])
    #expect(SymbolDistribution(counts: [.max, .max]).frequencies == [2048, 2048])
    #expect(SymbolDistribution(probabilities: [1e-300, 3e-300]).frequencies == [1024, 3072])
    #expect(
      SymbolDistribution(probabilities: [.greatestFiniteMagnitude, .greatestFiniteMagnitude]).frequencies == [
        2048, 2048,
      ])
  }

  @Test("Entropies of a dyadic distribution are exact")
  func entropies() throws {
    let distribution = try SymbolDistribution(frequencies: [2048, 1024, 1024])
    #expect(distribution.entropy == 1.5)
    #expect(distribution.crossEntropy(under: [0, 0.5, 0.5]) == 2)
    #expect(distribution.information(of: 0) == 1)
    #expect(distribution.probability(of: 2) == 0.25)
  }

  @Test("Wrong frequencies are refused")
  func refusals() {
    let wrong: [[UInt16]] = [
      [], [4095], [4096, 0], [2048, 2049], [UInt16](repeating: 1, count: 4097), [65535, 65535],
      [UInt16](repeating: 4, count: 1025),
    ]
    for frequencies in wrong {
      #expect(throws: EntropyCoding.DecodingError.invalidDistribution) {
        try SymbolDistribution(frequencies: frequencies)
      }
    }
  }

  @Test("Distributions travel as bytes and come back; truncation at every byte throws")
  func travel() throws {
    for distribution in [CodeZoo.bell(1), CodeZoo.bell(2), CodeZoo.bell(16), CodeZoo.steep(256), CodeZoo.bell(4096)] {
      let bytes = distribution.encoded()
      #expect(try SymbolDistribution(decoding: bytes[...]) == distribution)
      for length in 0..<bytes.count {
        #expect(throws: EntropyCoding.DecodingError.truncated) { try SymbolDistribution(decoding: bytes[..<length]) }
      }
      #expect(throws: EntropyCoding.DecodingError.self) { try SymbolDistribution(decoding: (bytes + [0])[...]) }
    }
  }

  @Test("Golden bytes of a distribution")
  func golden() {
    let distribution = SymbolDistribution(probabilities: [0.254012, 0.438492, 0.253565, 0.053595, 0.000336])
    #expect(distribution.frequencies == [1040, 1796, 1039, 220, 1])
    #expect(distribution.encoded() == [4, 160, 16, 40, 193, 250, 192, 113, 1])
  }
}
