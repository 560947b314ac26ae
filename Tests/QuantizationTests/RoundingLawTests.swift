import LaminaNumerics
import Quantization
import Testing

/// The two laws of stochastic rounding, over 10⁶ draws with fixed keys.
@Suite struct RoundingLawTests {
  /// A bucket with coordinates of very different size, zeros and ties among them.
  private static let pattern: [Float] = [
    1, -0.8, 0.5, 0.5, -0.5, 0.25, 0.1, -0.1, 0.05, 0.02, -0.01, 0.004, 0.001, -0.001, 1e-4, -1e-5, 0, -0.0, 2.5, -1.7,
    0.33, 0.66, -0.99, 0.125, 0.0625, 3e-3, -7e-3, 0.9, 0.7, -0.6, 0.015, 1.25,
  ]

  /// Every sequence under one norm, every norm under two sequences: a norm only scales.
  private static let cases: [(LevelZoo, Norm)] =
    LevelZoo.all.map { ($0, Norm.l2) }
    + [Norm.l1, .lq(1.5), .lq(3), .max].flatMap { [(LevelZoo.magnitudes[5], $0), (LevelZoo.signed[1], $0)] }

  @Test(
    "Facts 1 and 2: 10⁶ draws have the vector as mean, within 5 standard errors, and the exact variance, within 1 %",
    arguments: cases)
  func meanAndVariance(_ zoo: LevelZoo, norm: Norm) {
    let draws = Draws(pattern: Self.pattern, levels: zoo.levels, norm: norm)
    for (i, value) in Self.pattern.enumerated() {
      let standardError = (draws.variances[i] / Double(draws.count)).squareRoot()
      // Beside chance there is the rounding of u, of the threshold and of the product: a few units of 2⁻²⁴ of the norm.
      let tolerance = 5 * standardError + draws.norm * 0x1p-21
      #expect(abs(draws.means[i] - Double(value)) <= tolerance, "coordinate \(i)")
    }
    let exact = LevelQuantizer(levels: zoo.levels, norm: norm, scope: .layer).variance(Self.pattern)
    #expect(abs(draws.squaredError - exact) <= 0.01 * exact)
    #expect(abs(draws.variances.reduce(0, +) - exact) <= 1e-6 * exact)
  }
}

/// 10⁶ roundings of one bucket: the vector repeats it, and every bucket has draws of its own.
private struct Draws {
  let norm: Double
  var count = 0
  var means: [Double]
  var squaredError = 0.0
  /// The exact variance of each coordinate, written down anew: N²(ℓⱼ₊₁ − u)(u − ℓⱼ).
  let variances: [Double]

  init(pattern: [Float], levels: Levels, norm: Norm) {
    let repeats = 31_250
    let quantizer = LevelQuantizer(levels: levels, norm: norm, scope: .bucket(pattern.count))
    let norm = Double(norm.value(pattern))
    self.norm = norm
    variances = pattern.map { value in
      let unit = levels.areSigned ? Double(value) / norm : abs(Double(value)) / norm
      let next = levels.values.firstIndex { Double($0) > unit } ?? levels.count - 1
      let low = Double(levels.values[next - 1])
      let high = Double(levels.values[next])
      return norm * norm * (high - unit) * (unit - low)
    }
    means = [Double](repeating: 0, count: pattern.count)
    let vector = (0..<repeats * pattern.count).map { pattern[$0 % pattern.count] }
    var symbols = LevelSymbols()
    var decoded = vector
    for round in 0..<32 {
      quantizer.quantize(vector.span, key: RandomKey(seed: 1).folding(UInt64(round)), vectorNorm: nil, into: &symbols)
      decoded.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
      var span = decoded.mutableSpan
      quantizer.accumulate(symbols, into: &span)
      add(decoded, pattern: pattern)
      count += repeats
    }
    for i in means.indices { means[i] /= Double(count) }
    squaredError /= Double(count)
  }

  private mutating func add(_ decoded: [Float], pattern: [Float]) {
    decoded.withUnsafeBufferPointer { decoded in
      means.withUnsafeMutableBufferPointer { means in
        for start in stride(from: 0, to: decoded.count, by: pattern.count) {
          for i in pattern.indices {
            let value = Double(decoded[start + i])
            means[i] += value
            let error = value - Double(pattern[i])
            squaredError += error * error
          }
        }
      }
    }
  }
}
