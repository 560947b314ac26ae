import LaminaNumerics
import Quantization
import RealModule
import Testing

/// Theorem 5.1 of arXiv 2505.14371, with the constants of `varianceBound`.
@Suite struct VarianceBoundTests {
  @Test("Fact 3: the exact variance never exceeds Theorem 5.1", arguments: LevelZoo.magnitudes, normZoo)
  func neverExceeded(_ zoo: LevelZoo, norm: Norm) {
    let quantizer = LevelQuantizer(levels: zoo.levels, norm: norm, scope: .layer)
    for dimension in [1, 2, 3, 16, 100, 1000, 4096] {
      let bound = quantizer.varianceBound(dimension: dimension)
      for vector in vectors(dimension: dimension, levels: zoo.levels) {
        let variance = quantizer.variance(vector.values)
        #expect(variance <= (bound + 1e-6) * squaredNorm(vector.values), "\(dimension), \(vector.name)")
      }
    }
  }

  @Test("Fact 3: types with levels of their own under one norm obey the bound of the worst ratio and first level")
  func severalTypes() {
    let types: [Levels] = [.ternary, .uniform(intervals: 7), .exponential(multiplier: 0.3, interiorCount: 4)]
    for norm in normZoo {
      for (name, vector) in vectors(dimension: 999, levels: types[2]) {
        let shared = norm.value(vector)
        let total = types.indices.reduce(0.0) { sum, type in
          let quantizer = LevelQuantizer(levels: types[type], norm: norm, scope: .vector)
          let part = Array(vector[333 * type..<333 * (type + 1)])
          return sum + quantizer.variance(part, vectorNorm: shared)
        }
        let bound = LevelQuantizer.varianceBound(of: types, norm: norm, dimension: 999)
        #expect(total <= (bound + 1e-6) * squaredNorm(vector), "\(norm), \(name)")
      }
    }
  }

  @Test("Fact 3: equal coordinates attain the bound for levels 0 and 1", arguments: [Norm.l1, .lq(1.5), .l2])
  func attained(_ norm: Norm) {
    let quantizer = LevelQuantizer(levels: .ternary, norm: norm, scope: .layer)
    for dimension in [4, 16, 64, 1024, 4096] {
      let vector = [Float](repeating: 0.5, count: dimension)
      let relative = quantizer.variance(vector) / squaredNorm(vector)
      let bound = quantizer.varianceBound(dimension: dimension)
      #expect(abs(relative - bound) <= 1e-6 * (1 + bound), "\(dimension)")
      let z = Double.pow(Double(dimension), 1 / min(norm.exponent, 2))
      #expect(abs(bound - (z - 1)) <= 1e-12 * z)
    }
  }

  @Test("Fact 3: equal coordinates below ℓ₁ have relative variance ℓ₁√d − 1 (ℓ₁ = 2⁻⁶, d = 10⁴: 0.5625)")
  func equalCoordinates() {
    let quantizer = LevelQuantizer(levels: made([0, 0x1p-6, 1]), norm: .l2, scope: .layer)
    let halves = LevelQuantizer(levels: .exponential(multiplier: 0.5, interiorCount: 6), norm: .l2, scope: .layer)
    let vector = [Float](repeating: 2, count: 10_000)
    for candidate in [quantizer, halves] {
      #expect(abs(candidate.variance(vector) / squaredNorm(vector) - 0.5625) < 1e-6)
    }
    // Here z = 100/64 is below 2, and the bound is z²/4 in the place of z − 1.
    #expect(abs(halves.varianceBound(dimension: 10_000) - (0.125 + 0.6103515625)) < 1e-12)
  }

  @Test("Fact 3: the bound is continuous where its branches meet, at d = (2/ℓ₁)ⁿ")
  func continuous() {
    let levels = Levels.exponential(multiplier: 0.5, interiorCount: 3)
    for (norm, threshold) in [(Norm.l1, 16), (.l2, 256), (.lq(3), 256), (.max, 256)] {
      func bound(_ dimension: Int) -> Double {
        LevelQuantizer.varianceBound(of: [levels], norm: norm, dimension: dimension)
      }
      #expect(abs(bound(threshold) - 1.125) < 1e-12)
      // Both branches have slope 1 in z there.
      let step = 2 * Double.pow(1 + 1 / Double(threshold), 1 / min(norm.exponent, 2)) - 2
      #expect(abs(bound(threshold + 1) - bound(threshold) - step) <= step * step)
      #expect(abs(bound(threshold) - bound(threshold - 1) - step) <= step * step)
    }
  }

  @Test("Fact 3: the first term is ⅛ for levels in ratio 2, and absent without interior levels")
  func firstTerm() {
    let halves = Levels.exponential(multiplier: 0.5, interiorCount: 20)
    let z = Double(halves.values[1])
    #expect(LevelQuantizer.varianceBound(of: [halves], norm: .l2, dimension: 1) == 0.125 + z * z / 4)
    #expect(LevelQuantizer.varianceBound(of: [.ternary], norm: .l2, dimension: 1) == 0.25)
    #expect(LevelQuantizer.varianceBound(of: [.ternary, halves], norm: .l2, dimension: 1) == 0.125 + 0.25)
  }

  @Test("NUQSGD: 1/8 + 2^(−2s−2)·d below d = 2^(2s+2), else 2^(−s)·√d − 7/8")
  func exponentialLevels() {
    for s in 1...8 {
      let levels = Levels.exponential(multiplier: 0.5, interiorCount: s)
      let unit = Double.pow(2, Double(-s))
      for dimension in [1, 5, 100, 1 << (2 * s + 1), 1 << (2 * s + 2), 1 << (2 * s + 4)] {
        let d = Double(dimension)
        let expected = dimension < 1 << (2 * s + 2) ? 0.125 + unit * unit / 4 * d : unit * d.squareRoot() - 0.875
        let bound = LevelQuantizer.varianceBound(of: [levels], norm: .l2, dimension: dimension)
        #expect(abs(bound - expected) <= 1e-12 * (1 + expected), "s = \(s), d = \(dimension)")
      }
    }
  }

  @Test("NUQSGD, s = 3, d = 128: a vector with relative variance 0.5578, above 2^(−s)·√d − 7/8 = 0.5392")
  func thresholdExample() {
    let quantizer = LevelQuantizer(levels: .exponential(multiplier: 0.5, interiorCount: 3), norm: .l2, scope: .layer)
    let rest = Float(((1 - 0.73 * 0.73) / 127.0).squareRoot())
    let vector = [0.73] + [Float](repeating: rest, count: 127)
    let relative = quantizer.variance(vector) / squaredNorm(vector)
    #expect(abs(relative - 0.5578) < 5e-5)
    #expect(relative > 128.0.squareRoot() / 8 - 0.875)
    #expect(abs(quantizer.varianceBound(dimension: 128) - 0.625) < 1e-12)
  }

  @Test("Levels without zero have no relative bound; signed levels with zero are bounded side by side")
  func signedLevels() {
    let mirrored = Levels.uniform(intervals: 4).mirroredWithoutZero()
    #expect(LevelQuantizer.varianceBound(of: [mirrored], norm: .l2, dimension: 10) == .infinity)
    let signed = made([-1, -0.25, -0.125, 0, 0.25, 1])
    let both = [made([0, 0.125, 0.25, 1]), made([0, 0.25, 1])]
    for dimension in [1, 100, 10_000] {
      #expect(
        LevelQuantizer.varianceBound(of: [signed], norm: .l2, dimension: dimension)
          == LevelQuantizer.varianceBound(of: both, norm: .l2, dimension: dimension))
    }
    #expect(LevelQuantizer(levels: .ternary, norm: .l2, scope: .bucket(16)).varianceBound(dimension: 1000) == 3)
  }

  /// Random vectors, those of the zoo, and those that sit where a bin is worst.
  private func vectors(dimension: Int, levels: Levels) -> [(name: String, values: [Float])] {
    var result = vectorZoo(count: dimension, key: RandomKey(seed: 5)).filter { zoo in
      zoo.values.allSatisfy { $0.isFinite } && LevelSymbols.isOrdinary(Norm.max.value(zoo.values))
    }
    let positive = levels.values.filter { $0 > 0 }
    for (low, high) in zip(positive, positive.dropFirst()) where high / low < 1e6 {
      let worst = 2 * low * high / (low + high)
      // One coordinate at the worst point of a bin, the others equal and small.
      let square = max(0, 1 - worst * worst)
      result.append(
        (
          "worst of a bin",
          [worst] + Array(repeating: (square / Float(max(dimension - 1, 1))).squareRoot(), count: dimension - 1)
        ))
    }
    var stream = RandomStream(key: RandomKey(seed: 6))
    for round in 0..<20 {
      let values = (0..<dimension).map { _ in Float(Double.pow(stream.nextUnit(), Double(round)) * stream.nextNormal())
      }
      if LevelSymbols.isOrdinary(Norm.max.value(values)) { result.append(("power \(round)", values)) }
    }
    return result
  }
}

private func squaredNorm(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) * Double($1) } }
