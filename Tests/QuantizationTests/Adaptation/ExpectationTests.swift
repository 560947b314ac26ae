import LaminaNumerics
import Quantization
import Testing

@Suite("Symbol probabilities")
struct ExpectationTests {
  static let law = TruncatedNormal(deviation: 0.1)

  @Test("Fact 8: the probabilities and entropies of example 4.3 to 1e-5")
  func example() throws {
    let alq = try CoordinateDescent().fit(.uniform(intervals: 4), to: ExpectationTests.law)
    let p = alq.symbolProbabilities(under: ExpectationTests.law)
    for (found, expected) in zip(p, [0.254012, 0.438492, 0.253565, 0.053595, 0.000336]) {
      #expect((found - expected).magnitude < 1e-5)
    }
    #expect((entropyInBits(of: p) - 1.75582).magnitude < 1e-5)
    let uniform = Levels.uniform(intervals: 4).symbolProbabilities(under: ExpectationTests.law)
    for (found, expected) in zip(uniform, [0.682449, 0.315947, 0.001603, 0, 0]) {
      #expect((found - expected).magnitude < 1e-5)
    }
    #expect((entropyInBits(of: uniform) - 0.91624).magnitude < 1e-5)
  }

  @Test("Fact 8: probabilities sum to 1 and Σ pⱼℓⱼ = E u, for every form of levels")
  func moments() throws {
    let skewed = TruncatedNormal(location: 0.1, deviation: 0.3, bounds: -1...1)
    let folded = FoldedTruncatedNormal(location: 0.1, deviation: 0.3)
    let magnitudes = try Levels([0, 0.1, 0.35, 1])
    try check(magnitudes, folded, mean: folded.mean)
    try check(magnitudes, skewed, mean: folded.mean)
    try check(magnitudes.mirroredWithoutZero(), folded, mean: 0)
    try check(Levels([-1, -0.2, 0, 0.2, 1]), folded, mean: 0)
    try check(Levels([-1, -0.4, 0.1, 0.7, 1]), skewed, mean: skewed.mean)
  }

  private func check<Law: BoundedDistribution>(_ levels: Levels, _ law: Law, mean: Double) throws {
    let p = levels.symbolProbabilities(under: law)
    #expect(p.count == levels.count && p.allSatisfy { $0 >= 0 })
    #expect((p.reduce(0, +) - 1).magnitude < 1e-13)
    let expectation = zip(p, levels.values).reduce(0) { $0 + $1.0 * Double($1.1) }
    #expect((expectation - mean).magnitude < 1e-9)
    // Ψ = E Q² − E r², since rounding is unbiased.
    let second = zip(p, levels.values).reduce(0) { $0 + $1.0 * Double($1.1) * Double($1.1) }
    #expect((levels.expectedVariance(under: law) - (second - law.secondMoment)).magnitude < 1e-13)
  }

  @Test("The same levels have the same variance and probabilities under the law of r and that of |r|")
  func bothSupports() throws {
    var signed = Histogram(weighting: .norm, support: .signed)
    var magnitudes = Histogram(weighting: .norm, support: .magnitudes)
    let buckets = SampleBuckets(.laplace, buckets: 8, size: 512, seed: 5)
    buckets.observe(into: &signed)
    buckets.observe(into: &magnitudes)
    let levels = try Levels([0, 0.02, 0.07, 1])
    let (two, one) = (try signed.distribution(), try magnitudes.distribution())
    #expect(isClose(levels.expectedVariance(under: two), levels.expectedVariance(under: one), relative: 1e-4))
    for (p, q) in zip(levels.symbolProbabilities(under: two), levels.symbolProbabilities(under: one)) {
      #expect((p - q).magnitude < 1e-4)
    }
    #expect(
      try signed.distribution(on: .magnitudes) == one
        || distanceOfLaws(try signed.distribution(on: .magnitudes), one) < 1e-12)
  }

  private func distanceOfLaws(_ a: PiecewiseUniform, _ b: PiecewiseUniform) -> Double {
    stride(from: 0, through: 1, by: 1.0 / 512).reduce(0) { max($0, (a.cumulative($1) - b.cumulative($1)).magnitude) }
  }
}
