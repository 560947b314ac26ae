import LaminaNumerics
import Quantization
import RealModule
import Testing

@Suite("EDEN")
struct EDENQuantizerTests {
  private func sample(_ law: SampleLaw, _ count: Int, seed: UInt64) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: seed))
    return (0..<count).map { _ in Float(law.draw(&stream)) }
  }

  private func decoded(_ quantizer: EDENQuantizer, _ vector: [Float], key: RandomKey) -> [Float] {
    let symbols = quantizer.quantize(vector.span, key: key)
    var sum = [Float](repeating: 0, count: vector.count)
    var span = sum.mutableSpan
    quantizer.accumulate(symbols, key: key, into: &span)
    return sum
  }

  private func relativeError(_ decoded: [Float], _ vector: [Float]) -> Double {
    let norm = vector.reduce(0) { $0 + Double($1) * Double($1) }
    return zip(decoded, vector).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) } / norm
  }

  @Test(
    "Fact 17: NMSE is .571, .133, .0358, .00959 and .00251 at 1 to 5 bits for any law, within 3 %",
    arguments: SampleLaw.allCases)
  func publishedErrors(law: SampleLaw) {
    let vector = sample(law, 1 << 16, seed: 3)
    // The largest of 2¹⁶ heavy-tailed coordinates shows after one round of signs.
    let rounds = law == .student3 ? 2 : 1
    for (bits, error) in [(1, 0.5708), (2, 0.1331), (3, 0.0358), (4, 0.00959), (5, 0.00251)] {
      let quantizer = EDENQuantizer(bits: bits, blockSize: 1 << 16, rounds: rounds)
      #expect(abs(quantizer.expectedRelativeError / error - 1) < 0.003, "\(bits) bits")
      let found = relativeError(decoded(quantizer, vector, key: RandomKey(seed: 5)), vector)
      #expect(abs(found / error - 1) < 0.03, "\(bits) bits: \(found)")
    }
    // Beyond the tables: D/(1 − D) of the codebook itself.
    for bits in 6...8 {
      let quantizer = EDENQuantizer(bits: bits, blockSize: 1 << 16, rounds: rounds)
      let found = relativeError(decoded(quantizer, vector, key: RandomKey(seed: 5)), vector)
      #expect(abs(found / quantizer.expectedRelativeError - 1) < 0.03, "\(bits) bits: \(found)")
    }
  }

  @Test("Centroids are the published ones, symmetric, and each the mean of its cell")
  func centroids() {
    for (bits, published) in [(1, [0.7979]), (2, [0.4528, 1.510]), (3, [0.2451, 0.7560, 1.344, 2.152])] {
      let positive = EDENQuantizer(bits: bits).centroids.suffix(1 << (bits - 1))
      #expect(zip(positive, published).allSatisfy { abs(Double($0) - $1) < 5e-4 })
    }
    for bits in 1...8 {
      let centroids = EDENQuantizer(bits: bits).centroids
      #expect(centroids.count == 1 << bits && centroids == centroids.reversed().map { -$0 })
      let ends = zip(centroids, centroids.dropFirst()).map { (Double($0) + Double($1)) / 2 }
      for (index, centroid) in centroids.enumerated() {
        let low = index > 0 ? ends[index - 1] : -.infinity
        let high = index < ends.count ? ends[index] : .infinity
        func density(_ x: Double) -> Double { Double.exp(-x * x / 2) / Double.sqrt(2 * Double.pi) }
        func below(_ x: Double) -> Double { Double.erfc(-x / Double.sqrt(2)) / 2 }
        let mean = (density(low) - density(high)) / (below(high) - below(low))
        #expect(abs(mean - Double(centroid)) < 1e-6 * max(1, abs(mean)), "\(bits) bits, centroid \(index)")
      }
    }
    // Sender and receiver compute them, so that no platform may differ in a bit.
    let digest = EDENQuantizer(bits: 8).centroids.reduce(0) { scrambledSum($0, $1.bitPattern) }
    #expect(digest == 1_499_900_858_225_271_260)
  }

  @Test(
    "Symbols name the centroids nearest to the rotated coordinates, and the scale is ‖x‖²/⟨Rx, C⟩", arguments: 1...8)
  func nearestCentroids(bits: Int) {
    let quantizer = EDENQuantizer(bits: bits, blockSize: 4096)
    let key = RandomKey(seed: 13)
    for vector in [sample(.gaussian, 4096, seed: 1), sample(.student3, 3000, seed: 2)] {
      let symbols = quantizer.quantize(vector.span, key: key)
      var rotated = vector + [Float](repeating: 0, count: 4096 - vector.count)
      var span = rotated.mutableSpan
      quantizer.rotation.apply(&span, key: key.folding(0))
      let centroids = quantizer.centroids
      let norm = Norm.l2.value(vector)
      var product = 0.0
      for (value, symbol) in zip(rotated, symbols.symbols) {
        let unit = Double(value) * 64 / Double(norm)
        let distance = (Double(centroids[Int(symbol)]) - unit).magnitude
        let least = centroids.map { (Double($0) - unit).magnitude }.min() ?? 0
        // A coordinate on a boundary, to the rounding of the boundary and of the product, may go either way.
        #expect(distance <= least + 1e-6 * max(1, unit.magnitude))
        product += Double(value) * Double(centroids[Int(symbol)])
      }
      #expect(abs(Double(symbols.scales[0]) * product / (Double(norm) * Double(norm)) - 1) < 1e-6)
    }
  }

  private func scrambledSum(_ sum: UInt64, _ bits: UInt32) -> UInt64 {
    (sum ^ UInt64(bits)) &* 0x9E37_79B9_7F4A_7C15
  }

  /// The mean of many decodings, and Σ of their squared errors over their number.
  private func mean(_ quantizer: EDENQuantizer, _ vector: [Float], draws: Int) -> (mean: [Double], squaredError: Double)
  {
    var sum = [Double](repeating: 0, count: vector.count)
    var squares = 0.0
    for draw in 0..<draws {
      let decoded = decoded(quantizer, vector, key: RandomKey(seed: 11).folding(UInt64(draw)))
      for i in vector.indices {
        sum[i] += Double(decoded[i])
        squares += (Double(decoded[i]) - Double(vector[i])) * (Double(decoded[i]) - Double(vector[i]))
      }
    }
    return (sum.map { $0 / Double(draws) }, squares / Double(draws))
  }

  /// ‖mean − x‖² in units of its expectation without bias, the mean squared error over the number of draws; and the
  /// standard error of this ratio, √(2/n) for n independent coordinates.
  private func biasRatio(_ quantizer: EDENQuantizer, _ vector: [Float], draws: Int) -> Double {
    let (mean, squaredError) = mean(quantizer, vector, draws: draws)
    let bias = zip(mean, vector).reduce(0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
    return bias / (squaredError / Double(draws))
  }

  @Test("Unbiased: the mean of 2000 draws is off by as much as its standard error says", arguments: SampleLaw.allCases)
  func unbiased(law: SampleLaw) {
    let count = 1024
    let vector = sample(law, count, seed: 17)
    for bits in [1, 2, 4] {
      let rounds = law == .student3 ? 2 : 1
      let ratio = biasRatio(EDENQuantizer(bits: bits, blockSize: count, rounds: rounds), vector, draws: 2000)
      #expect(abs(ratio - 1) < 5 * (2 / Double(count)).squareRoot(), "\(bits) bits: \(ratio)")
    }
  }

  @Test("Two large coordinates are biased after one round of signs, and not after two")
  func fewLargeCoordinates() {
    var vector = [Float](repeating: 0, count: 1024)
    (vector[100], vector[700]) = (1, 0.4)
    let bound = 5 * (2.0 / 1024).squareRoot()
    #expect(abs(biasRatio(EDENQuantizer(bits: 2, blockSize: 1024, rounds: 2), vector, draws: 1000) - 1) < bound)
    #expect(biasRatio(EDENQuantizer(bits: 2, blockSize: 1024, rounds: 1), vector, draws: 1000) > 1 + bound)
  }

  @Test("Two coordinates in the smallest block have no bias that 20,000 draws would show")
  func tinyTail() {
    let vector: [Float] = [1, 0.4]
    for bits in [1, 2, 4] {
      let quantizer = EDENQuantizer(bits: bits)
      let (mean, _) = mean(quantizer, vector, draws: 20_000)
      // The error spreads over all 128 coordinates of the block.
      let standardError = (quantizer.expectedRelativeError * 1.16 / 128 / 20_000).squareRoot()
      for i in 0..<2 { #expect(abs(mean[i] - Double(vector[i])) < 5 * standardError, "\(bits) bits: \(mean)") }
    }
  }

  @Test("⟨x, Q(x)⟩ = ‖x‖², zeros stay, and blocks that are not finite travel exactly, at any length")
  func everyLength() {
    for (bits, blockSize) in [(1, 512), (3, 128), (5, 1024), (8, 256)] {
      let quantizer = EDENQuantizer(bits: bits, blockSize: blockSize)
      for count in sizeZoo {
        for vector in vectorZoo(count: count, key: RandomKey(seed: 29)) {
          check(quantizer, vector.values, "\(bits) bits, \(count), \(vector.name)")
        }
      }
    }
  }

  private func check(_ quantizer: EDENQuantizer, _ vector: [Float], _ name: String) {
    let key = RandomKey(seed: 31)
    let symbols = quantizer.quantize(vector.span, key: key)
    #expect(symbols == quantizer.quantize(vector.span, key: key) || symbols.scales.contains { $0.isNaN }, "\(name)")
    #expect(symbols.symbols.count == quantizer.symbolCount(of: vector.count))
    #expect(symbols.scales.count == quantizer.blockCount(of: vector.count))
    #expect(symbols.symbols.allSatisfy { Int($0) < 1 << quantizer.bits })
    let decoded = decoded(quantizer, vector, key: key)
    for (block, range) in buckets(of: vector.count, size: quantizer.blockSize).enumerated() {
      let (source, found) = (Array(vector[range]), Array(decoded[range]))
      let norm = Norm.l2.value(source)
      let scale = symbols.scales[block]
      if norm == 0 {
        #expect(scale == 0 && found.allSatisfy { $0 == 0 }, "\(name)")
      } else if LevelSymbols.isOrdinary(norm) {
        let product = zip(source, found).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        #expect(scale > 0 && abs(product / (Double(norm) * Double(norm)) - 1) < 1e-5, "\(name)")
      } else {
        #expect(scale.isNaN, "\(name)")
        // A decoded vector is added to zeros, which makes −0 a 0.
        #expect(zip(source, found).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }, "\(name)")
      }
    }
  }
}
