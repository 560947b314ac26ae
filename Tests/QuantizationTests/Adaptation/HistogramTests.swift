import LaminaNumerics
import Quantization
import Testing

/// The laws of any statistics: an empty value is neutral, encoding is a projection, truncation throws, merging repeats.
func checkStatistics<Statistics: DistributionEstimate & Equatable>(_ empty: Statistics, seed: UInt64) throws {
  var first = empty
  var second = empty
  SampleBuckets(.laplace, buckets: 5, size: 300, seed: seed).observe(into: &first)
  SampleBuckets(.student3, buckets: 3, size: 77, seed: seed + 1).observe(into: &second)
  var merged = first
  merged.merge(empty)
  #expect(merged.encoded() == first.encoded())
  for value in [empty, first, second] {
    let bytes = value.encoded()
    let decoded = try Statistics(decoding: bytes[...])
    #expect(decoded.encoded() == bytes)
    #expect(decoded.isMergeable(with: value))
    if bytes.count > 1 {
      #expect(throws: (any Error).self) { try Statistics(decoding: bytes[1...]) }
    }
    for end in stride(from: 0, to: min(bytes.count, 40), by: 1) {
      // A histogram may end after any run; whatever is accepted is a value again.
      if let part = try? Statistics(decoding: bytes[..<end]) { _ = part.encoded() }
    }
    #expect(throws: (any Error).self) { try Statistics(decoding: bytes + [0xFF]) }
  }
  var again = first
  again.merge(second)
  var other = first
  other.merge(second)
  #expect(again == other)
  try checkMutations(first)
}

/// Random bytes and mutated encodings either throw or give values whose use does not trap.
private func checkMutations<Statistics: DistributionEstimate & Equatable>(_ value: Statistics) throws {
  var stream = RandomStream(key: RandomKey(seed: 23))
  let bytes = value.encoded()
  for round in 0..<4000 {
    var mutated = bytes
    for _ in 0...Int(stream.next() % 4) where !mutated.isEmpty {
      mutated[Int(stream.next() % UInt64(mutated.count))] = UInt8(truncatingIfNeeded: stream.next())
    }
    if stream.next() % 4 == 0 { mutated = Array(mutated.prefix(Int(stream.next() % 64))) }
    guard var decoded = try? Statistics(decoding: mutated[...]) else { continue }
    if decoded.isMergeable(with: value) { decoded.merge(value) }
    _ = decoded.encoded()
    if round % 16 == 0, let levels = try? ALQ<Statistics>().adapt(.uniform(intervals: 4), to: decoded) {
      #expect(try Levels(levels.values) == levels)
    }
  }
}

@Suite("Histogram")
struct HistogramTests {
  @Test("Statistics obey their laws", arguments: NormWeighting.allCases, CoordinateSupport.allCases)
  func laws(weighting: NormWeighting, support: CoordinateSupport) throws {
    try checkStatistics(Histogram(weighting: weighting, support: support), seed: 1)
    try checkStatistics(NormalMixture(weighting: weighting, support: support, capacity: 4), seed: 2)
    try checkStatistics(PooledNormal(weighting: weighting, support: support), seed: 3)
    try checkStatistics(MomentStatistics(weighting: weighting, support: support), seed: 4)
    for model in EstimateModel.allCases {
      let adaptation = NamedAdaptation(method: .alq, model: model, weighting: weighting, support: support)
      try checkStatistics(adaptation.emptyStatistics(), seed: 5)
    }
  }

  @Test("Mass and mean up to every bin edge are those of the sample", arguments: SampleLaw.allCases)
  func exactAtEdges(law: SampleLaw) throws {
    let buckets = SampleBuckets(law, buckets: 4, size: 1000, seed: 7)
    var histogram = Histogram()
    buckets.observe(into: &histogram)
    let (estimate, exact) = (try histogram.distribution(), buckets.law)
    for octave in 1...20 {
      for part in 0..<128 {
        // Just below the edge, for numbers at the edge belong to the bin above.
        let edge = (Double(sign: .plus, exponent: -octave, significand: 1 + Double(part) / 128)).nextDown
        #expect((estimate.cumulative(edge) - exact.cumulative(edge)).magnitude < 1e-12)
        #expect((estimate.partialMean(edge) - exact.partialMean(edge)).magnitude < 1e-12)
      }
    }
  }

  @Test("The law of a histogram is monotone, and quantiles invert it", arguments: CoordinateSupport.allCases)
  func monotone(support: CoordinateSupport) throws {
    var histogram = Histogram(weighting: .squaredNorm, support: support)
    SampleBuckets(.student3, buckets: 16, size: 256, seed: 9).observe(into: &histogram)
    let law = try histogram.distribution()
    var last = PartialMoments(mass: 0, mean: 0)
    var lastPlace = law.bounds.lowerBound
    for step in 0...4000 {
      let p = Double(step) / 4000
      let u = law.quantile(p)
      let through = law.moments(through: u)
      #expect(u >= lastPlace && through.mass >= last.mass && through.mass >= p - 1e-12)
      let part = through - last
      #expect(part.mean >= lastPlace * part.mass - 1e-12 && part.mean <= u * part.mass + 1e-12)
      (last, lastPlace) = (through, u)
    }
    #expect(law.moments(through: 1) == law.moments(through: 2))
  }

  @Test("Levels of a histogram of a million numbers are those of the law they were drawn from")
  func accuracy() throws {
    var histogram = Histogram(weighting: .unweighted)
    let (law, count) = (TruncatedNormal(deviation: 0.1), 1 << 20)
    // Numbers at the mid-quantiles of the law, so that no sampling error blurs the comparison.
    var place = 0.0
    let unit = (0..<count).map { index in
      place = law.quantile((Double(index) + 0.5) / Double(count), in: place...1)
      return Float(place)
    }
    histogram.observe(unit.span, norm: 3)
    for reference in ReferenceLevels.all where reference.deviation == 0.1 {
      let start = Levels.uniform(intervals: reference.interiorCount + 1)
      let levels = try ALQ<Histogram>(weighting: .unweighted).adapt(start, to: histogram)
      let decoded = try Histogram(decoding: histogram.encoded()[...])
      for (level, expected) in zip(levels.values.dropFirst(), reference.levels) {
        #expect((Double(level) - expected).magnitude < 1e-4)
      }
      #expect(isClose(levels.expectedVariance(under: try histogram.distribution()), reference.alq, relative: 1e-3))
      #expect(distance(try ALQ<Histogram>().adapt(start, to: decoded), levels) < 1e-4)
    }
  }

  @Test("Eight layer types send under 4 % of 2 MB in statistics")
  func size() {
    var histogram = Histogram()
    SampleBuckets(.laplace, buckets: 256, size: 1024, seed: 13).observe(into: &histogram)
    #expect(8 * histogram.encoded().count < 80_000)
    #expect(8 * Histogram().encoded().count < 100)
  }

  @Test("Norms of zero, infinity and NaN, and coordinates out of range, leave a usable law")
  func badInput() throws {
    var histogram = Histogram()
    for norm in [0, -1, Float.infinity, .nan] { histogram.observe([0.5].span, norm: norm) }
    #expect(histogram == Histogram())
    #expect(throws: AdaptationError.noObservations) { try ALQ<Histogram>().adapt(.ternary, to: histogram) }
    let wild: [Float] = [.nan, .infinity, -.infinity, 1.0000001, -1, 0, -0.0, .leastNonzeroMagnitude, 1e-30]
    for support in CoordinateSupport.allCases {
      var histogram = Histogram(weighting: .squaredNorm, support: support)
      histogram.observe(wild.span, norm: 1e30)
      #expect(try histogram.distribution().cumulative(1) == 1)
      _ = try ALQ<Histogram>(support: support).adapt(.uniform(intervals: 4), to: histogram)
      var moments = PooledNormal(weighting: .squaredNorm, support: support)
      moments.observe(wild.span, norm: 1e30)
      _ = try AMQ<PooledNormal>().adapt(.uniform(intervals: 4), to: moments)
    }
  }

  @Test("Decay scales weights and leaves the law alone")
  func decay() throws {
    var histogram = Histogram()
    SampleBuckets(.gaussian, buckets: 2, size: 128, seed: 15).observe(into: &histogram)
    let law = try histogram.distribution()
    let weight = histogram.totalWeight
    histogram.decay(by: 0.5)
    #expect(histogram.totalWeight == weight / 2)
    #expect(try histogram.distribution() == law)
  }
}
