import LaminaNumerics
import Quantization
import Testing

@Suite("Parametric statistics")
struct ParametricStatisticsTests {
  @Test("A mixture keeps the buckets of largest norm, whatever the order of workers")
  func largestNorms() throws {
    let parts = (0..<3).map { worker in
      var part = NormalMixture(weighting: .norm, support: .magnitudes, capacity: 6)
      SampleBuckets(.gaussian, buckets: 5, size: 64, seed: UInt64(worker)).observe(into: &part)
      return part
    }
    var (forward, backward) = (parts[0], parts[2])
    forward.merge(parts[1])
    forward.merge(parts[2])
    backward.merge(parts[1])
    backward.merge(parts[0])
    #expect(forward == backward && forward.count == 6)
  }

  @Test("The mixture's law is monotone and its quantiles invert it", arguments: CoordinateSupport.allCases)
  func monotone(support: CoordinateSupport) throws {
    var mixture = NormalMixture()
    SampleBuckets(.laplace, buckets: 9, size: 128, seed: 21).observe(into: &mixture)
    let law = try mixture.distribution(on: support)
    var last = 0.0
    for step in 0...200 {
      let u = law.quantile(Double(step) / 200)
      #expect((law.cumulative(u) - Double(step) / 200).magnitude < 1e-12 && law.cumulative(u) >= last - 1e-12)
      last = law.cumulative(u)
    }
    #expect((law.cumulative(1) - 1).magnitude < 1e-12)
  }

  @Test("Buckets without spread, as of one coordinate, give levels and no trap")
  func atoms() throws {
    var (mixture, pooled) = (NormalMixture(), PooledNormal())
    for value in [1, -1, 0.5, 0] as [Float] {
      mixture.observe([value].span, norm: 2)
      pooled.observe([value].span, norm: 2)
    }
    for levels in [Levels.uniform(intervals: 4), Levels.uniform(intervals: 4).mirroredWithoutZero()] {
      for method in AdaptationMethod.allCases where method != .amq && method != .amqWithZero {
        #expect(try Levels(method.adapt(levels, to: mixture).values).count == levels.count)
        #expect(try Levels(method.adapt(levels, to: pooled).values).count == levels.count)
      }
    }
  }

  @Test("Moments without decay and with a fine grid reduce MomentAMQ to AMQ-N")
  func reduction() throws {
    let buckets = SampleBuckets(.gaussian, buckets: 1, size: 4096, seed: 25)
    var configuration = MomentStatistics.Configuration()
    configuration.meanDecay = 0
    configuration.varianceDecay = 0
    var moments = MomentStatistics(configuration)
    var pooled = PooledNormal()
    buckets.observe(into: &moments)
    buckets.observe(into: &pooled)
    let start = Levels.uniform(intervals: 4).mirroredWithoutZero()
    let exact = try AMQ<PooledNormal>(weighting: .unweighted).adapt(start, to: pooled)
    #expect(try AMQ<MomentStatistics>().adapt(start, to: moments) == exact)
    // Sent on a 16-bit grid, the moments move the levels by as much as they are wide.
    let sent = try MomentStatistics(decoding: moments.encoded()[...])
    #expect(distance(try AMQ<MomentStatistics>().adapt(start, to: sent), exact) < 1e-3)
  }

  @Test("Running moments are bias-corrected: constant moments are recovered from the first bucket on")
  func biasCorrection() throws {
    let unit: [Float] = [0.3, -0.1, 0.2, 0.0, 0.5, -0.4]
    var moments = MomentStatistics()
    var exact = PooledNormal()
    exact.observe(unit.span, norm: 1)
    for _ in 0..<5 {
      moments.observe(unit.span, norm: 1)
      let (mean, deviation) = try #require(moments.pooled)
      #expect((mean - (exact.mean ?? 0)).magnitude < 1e-14 && (deviation - (exact.deviation ?? 0)).magnitude < 1e-14)
    }
  }

  @Test("Quantized moments are unbiased, and average over workers")
  func unbiased() throws {
    let unit: [Float] = [0.031, -0.011, 0.025, 0.0, 0.05, -0.042]
    var configuration = MomentStatistics.Configuration()
    configuration.intervals = 8
    var total = MomentStatistics(configuration)
    let count = 4096
    for worker in 0..<count {
      configuration.key = RandomKey(seed: 27).folding(UInt64(worker))
      var own = MomentStatistics(configuration)
      own.observe(unit.span, norm: 1)
      total.merge(try MomentStatistics(decoding: own.encoded()[...]))
    }
    var exact = PooledNormal()
    exact.observe(unit.span, norm: 1)
    let (mean, deviation) = try #require(total.pooled)
    // One draw has a deviation of at most half of its grid's width: 1/64 and 1/16; five standard errors.
    let errors = 5 / Double(count).squareRoot()
    #expect((mean - (exact.mean ?? 0)).magnitude < errors / 64)
    #expect((deviation - (exact.deviation ?? 0)).magnitude < errors / 16)
  }
}
