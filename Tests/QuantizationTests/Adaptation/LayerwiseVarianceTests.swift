import LaminaNumerics
import Quantization
import Testing

/// A mixture of two laws of magnitudes in equal parts.
struct EvenMixture: BoundedDistribution {
  let parts: [TruncatedNormal]
  var bounds: ClosedRange<Double> { 0...1 }
  var secondMoment: Double { (parts[0].secondMoment + parts[1].secondMoment) / 2 }
  func moments(through u: Double) -> PartialMoments {
    let (a, b) = (parts[0].moments(through: u), parts[1].moments(through: u))
    return PartialMoments(mass: (a.mass + b.mass) / 2, mean: (a.mean + b.mean) / 2)
  }
  func density(at u: Double) -> Double { (parts[0].density(at: u) + parts[1].density(at: u)) / 2 }
  func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double {
    increasingRoot(in: bracket) { (cumulative($0) - p, density(at: $0)) }
  }
}

@Suite("Layer-wise variance")
struct LayerwiseVarianceTests {
  @Test("Fact 7: two equal types TN .05 and TN .3 with 3 interior levels give the ratio .75577")
  func example() throws {
    let parts = [TruncatedNormal(deviation: 0.05), TruncatedNormal(deviation: 0.3)]
    let start = Levels.uniform(intervals: 4)
    let own = try parts.map { try CoordinateDescent().fit(start, to: $0).expectedVariance(under: $0) }
    let mixture = EvenMixture(parts: parts)
    let global = try CoordinateDescent().fit(start, to: mixture).expectedVariance(under: mixture)
    let layerwise = pooledVariance(own, shares: [1, 1])
    #expect((global - 4.72864e-3).magnitude < 5e-8)
    #expect((layerwise - 3.57378e-3).magnitude < 5e-8)
    #expect((layerwise / global - 0.75577).magnitude < 1e-5)
  }

  @Test("Fact 7: layer-wise levels never lose to global ones", arguments: [0.01, 0.05, 0.2, 1], [1, 3, 7])
  func never(deviation: Double, interior: Int) throws {
    let parts = [TruncatedNormal(deviation: deviation), TruncatedNormal(location: 0.2, deviation: 0.1)]
    let mixture = EvenMixture(parts: parts)
    let start = Levels.uniform(intervals: interior + 1)
    let global = try DynamicProgram().fit(start, to: mixture).expectedVariance(under: mixture)
    let own = try parts.map { try DynamicProgram().fit(start, to: $0).expectedVariance(under: $0) }
    #expect(pooledVariance(own, shares: [1, 1]) <= global * (1 + 1e-9))
  }

  @Test("Fact 7: the histogram fit beats the truncated normal 1.5 times on heavy tails", arguments: SampleLaw.allCases)
  func histogramAgainstNormal(law: SampleLaw) throws {
    let buckets = SampleBuckets(law, buckets: 512, size: 1024, seed: 11)
    var (histogram, normal, pooled) = (Histogram(), NormalMixture(), PooledNormal(weighting: .squaredNorm))
    buckets.observe(into: &histogram)
    buckets.observe(into: &normal)
    buckets.observe(into: &pooled)
    let (exact, start) = (buckets.law, Levels.uniform(intervals: 4))
    let empirical = try ALQ<Histogram>().adapt(start, to: histogram).expectedVariance(under: exact)
    let parametric = [
      try ALQ<NormalMixture>().adapt(start, to: normal), try ALQ<PooledNormal>().adapt(start, to: pooled),
    ]
    for levels in parametric {
      let ratio = levels.expectedVariance(under: exact) / empirical
      if law == .gaussian { #expect((0.999...1.02).contains(ratio)) } else { #expect(ratio >= 1.5) }
    }
  }

  @Test("Free signed levels fit a skewed law better than symmetric ones (ALQ-NA)")
  func asymmetric() throws {
    var histogram = Histogram(weighting: .unweighted, support: .signed)
    for bucket in 0..<64 {
      var stream = RandomStream(key: RandomKey(seed: 17).folding(UInt64(bucket)))
      let unit = (0..<1024).map { _ in Float(0.1 + 0.05 * stream.nextNormal()) }
      histogram.observe(unit.span, norm: 1)
    }
    let start = Levels.exponential(multiplier: 0.5, interiorCount: 3).mirroredWithoutZero()
    let law = try histogram.distribution()
    let adaptation = ALQ<Histogram>(weighting: .unweighted, support: .signed)
    let free = try adaptation.adapt(start, to: histogram)
    let symmetric = try CoordinateDescent().fit(start, to: histogram.distribution(on: .magnitudes))
    #expect(!free.areSymmetric && symmetric.areSymmetric && free.count == start.count)
    #expect(free.expectedVariance(under: law) < 0.7 * symmetric.expectedVariance(under: law))
  }
}
