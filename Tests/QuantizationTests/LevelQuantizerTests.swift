import LaminaNumerics
import Quantization
import Testing

@Suite struct LevelQuantizerTests {
  private let key = RandomKey(seed: 77)

  @Test("Fact 10: zeros decode to zeros, and what cannot be divided decodes to itself", arguments: LevelZoo.all)
  func specialBuckets(_ zoo: LevelZoo) {
    let buckets: [[Float]] = [
      [0, -0.0, 0, 0], [1, .nan, -2, 0], [.infinity, 1, -.infinity, 0], [0x1p-149, 0, -0x1p-140, 0],
      [0x1p-101, 0, 0, 0], [0x1p101, 1, 0, 0], [.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0, 1],
      [3, 0, 0, 0],
    ]
    let quantizer = LevelQuantizer(levels: zoo.levels, norm: .l2, scope: .bucket(4))
    let vector = buckets.flatMap { $0 }
    let symbols = quantizer.symbols(vector, key: key)
    let decoded = quantizer.decoded(symbols)
    #expect(symbols.norms[0].bitPattern == 0)
    #expect(decoded[..<4].allSatisfy { $0.bitPattern == 0 })
    for bucket in 1...6 {
      #expect(symbols.norms[bucket].bitPattern == 0x7FC0_0000, "bucket \(bucket)")
      for i in 4 * bucket..<4 * bucket + 4 {
        #expect(decoded[i] == vector[i] || decoded[i].isNaN && vector[i].isNaN)
      }
    }
    #expect(symbols.norms[7] == 3 && decoded[28] == 3)
    #expect(symbols.symbols[..<28].allSatisfy { $0 == 0 })
  }

  @Test("The ends of the ordinary range have symbols")
  func ordinaryRange() {
    let quantizer = LevelQuantizer(levels: .uniform(intervals: 2), norm: .max, scope: .bucket(1))
    let vector: [Float] = [0x1p-100, 0x1p100, (0x1p-100 as Float).nextDown, (0x1p100 as Float).nextUp]
    let symbols = quantizer.symbols(vector, key: key)
    #expect(symbols.norms.map(\.isNaN) == [false, false, true, true])
    #expect(symbols.symbols == [2, 2, 0, 0])
  }

  @Test("A lone coordinate, and every coordinate that is a level, decodes to itself under the maximum norm")
  func levelsAreFixedPoints() {
    for zoo in LevelZoo.all {
      let vector = zoo.levels.values + [1]
      let quantizer = LevelQuantizer(levels: zoo.levels, norm: .max, scope: .layer)
      let decoded = quantizer.decoded(quantizer.symbols(vector, key: key))
      #expect(decoded == vector, "\(zoo.name)")
      #expect(quantizer.variance(vector) == 0)
    }
  }

  @Test("The norm of the whole vector divides each layer, and its parts combine to it")
  func vectorScope() {
    let layers: [[Float]] = [[3, 0, -1], [4, 2], [0, 0]]
    for norm in normZoo {
      let whole = norm.value(layers.flatMap { $0 })
      #expect(abs(norm.combining(layers.map { norm.value($0) }) - whole) <= 2 * whole.ulp)
      let quantizer = LevelQuantizer(levels: .uniform(intervals: 5), norm: norm, scope: .vector)
      for layer in layers {
        let symbols = quantizer.symbols(layer, key: key, vectorNorm: whole)
        #expect(symbols.norms == [whole])
        let twin = LevelRounding(
          levels: quantizer.levels, norm: whole, stream: RoundingStream(key: key.folding(0)))
        #expect(symbols.symbols == layer.indices.map { twin.symbol(of: layer[$0], at: $0) })
      }
      #expect(quantizer.symbols(layers[0], key: key).norms == [norm.value(layers[0])])
    }
    let zero = LevelQuantizer(levels: .ternary, norm: .l2, scope: .vector)
    #expect(zero.symbols(layers[2], key: key, vectorNorm: -0.0).norms.map(\.bitPattern) == [0])
    #expect(zero.symbols(layers[0], key: key, vectorNorm: .nan).exact == layers[0])
  }

  @Test("Symbols depend on the key and on nothing else; memory that is used again changes nothing")
  func determinism() {
    let quantizer = LevelQuantizer(levels: .uniform(intervals: 7), norm: .l2, scope: .bucket(100))
    var reused = LevelSymbols()
    for size in sizeZoo.reversed() + sizeZoo {
      for vector in vectorZoo(count: size, key: RandomKey(seed: 3)) {
        quantizer.quantize(vector.values.span, key: key, vectorNorm: nil, into: &reused)
        let fresh = quantizer.symbols(vector.values, key: key)
        #expect(reused.symbols == fresh.symbols)
        #expect(reused.norms.map(\.bitPattern) == fresh.norms.map(\.bitPattern))
        #expect(reused.exact.map(\.bitPattern) == fresh.exact.map(\.bitPattern))
      }
    }
    let vector = vectorZoo(count: 1000, key: RandomKey(seed: 3))[0].values
    #expect(
      quantizer.symbols(vector, key: key).symbols
        != quantizer.symbols(vector, key: key.folding(1)).symbols)
  }

  @Test("TernGrad: with levels 0 and 1 and the maximum norm the variance is Σ|gᵢ|(max|g| − |gᵢ|)")
  func ternaryVariance() {
    let vector = vectorZoo(count: 1000, key: RandomKey(seed: 9))[0].values
    let quantizer = LevelQuantizer(levels: .ternary, norm: .max, scope: .layer)
    let largest = Double(vector.map(\.magnitude).max() ?? 0)
    let expected = vector.reduce(0.0) { $0 + Double($1.magnitude) * (largest - Double($1.magnitude)) }
    #expect(abs(quantizer.variance(vector) - expected) <= 1e-12 * expected)
    let symbols = quantizer.symbols(vector, key: key)
    #expect(Set(symbols.symbols).isSubset(of: [0, 1, 0x81]))
  }

  @Test("QSGD: the relative variance is at most min(d/s², √d/s), and the expected non-zeros at most s(s + √d)")
  func qsgd() {
    for s in [1, 4, 16, 64] {
      for dimension in [16, 256, 4096] {
        let quantizer = LevelQuantizer(levels: .uniform(intervals: s), norm: .l2, scope: .layer)
        let d = Double(dimension)
        for vector in vectorZoo(count: dimension, key: RandomKey(seed: 10)).prefix(6) {
          let square = vector.values.reduce(0.0) { $0 + Double($1) * Double($1) }
          guard square > 0 else { continue }
          let relative = quantizer.variance(vector.values) / square
          #expect(relative <= min(d / Double(s * s), d.squareRoot() / Double(s)) + 1e-6)
          let expected = vector.values.reduce(0.0) { $0 + min(1, abs(Double($1)) / square.squareRoot() * Double(s)) }
          #expect(expected <= Double(s) * (Double(s) + d.squareRoot()))
        }
      }
    }
  }

  @Test("Buckets do not share their norms or draws")
  func bucketsAreIndependent() {
    let vector = vectorZoo(count: 300, key: RandomKey(seed: 12))[0].values
    let quantizer = LevelQuantizer(levels: .uniform(intervals: 6), norm: .l2, scope: .bucket(100))
    let whole = quantizer.symbols(vector, key: key)
    let twice = quantizer.symbols(Array(vector[..<100] + vector[..<100]), key: key)
    #expect(Array(twice.symbols[..<100]) == Array(whole.symbols[..<100]))
    #expect(twice.symbols[..<100] != twice.symbols[100...])
    let variance = (0..<3).reduce(0.0) { sum, bucket in
      sum + quantizer.variance(Array(vector[100 * bucket..<100 * (bucket + 1)]))
    }
    #expect(abs(quantizer.variance(vector) - variance) <= 1e-12 * variance)
  }
}
