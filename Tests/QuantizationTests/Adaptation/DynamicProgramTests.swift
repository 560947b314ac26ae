import LaminaNumerics
import Quantization
import Testing

@Suite("Dynamic program")
struct DynamicProgramTests {
  @Test(
    "The program equals the brute force over all choices of sample points", arguments: 0..<12,
    ["zero", "no zero", "signed"])
  func bruteForce(seed: Int, form: String) throws {
    var stream = RandomStream(key: RandomKey(seed: 91).folding(UInt64(seed)))
    let sample = (0..<9).map { _ in
      let place = form == "signed" ? 2 * stream.nextUnit() - 1 : stream.nextUnit()
      return (coordinate: place * place * place, weight: 0.5 + stream.nextUnit())
    }
    let law = PiecewiseUniform(sample: sample, bounds: form == "signed" ? -1...1 : 0...1)
    let places = sample.map { Float($0.coordinate) }.sorted()
    var least = Double.infinity
    for a in 0..<7 {
      for b in a + 1..<8 {
        for c in b + 1..<9 {
          let inner = [places[a], places[b], places[c]]
          let levels = try form == "signed" ? Levels([-1] + inner + [1]) : Levels([0] + inner + [1])
          let deployed = form == "no zero" ? levels.mirroredWithoutZero() : levels
          least = min(least, deployed.expectedVariance(under: law))
        }
      }
    }
    let uniform = Levels.uniform(intervals: 4)
    // Signed levels that are not symmetric are free on both sides.
    let start =
      try form == "signed" ? Levels([-1, -0.5, 0, 0.25, 1]) : form == "zero" ? uniform : uniform.mirroredWithoutZero()
    let found = try DynamicProgram().fit(start, toSample: sample).expectedVariance(under: law)
    if form == "no zero" {
      // The lowest level may do better between the points; a fine search over it, the others at points, agrees.
      #expect(found <= least * (1 + 1e-6))
      var finest = least
      for step in 1..<4000 {
        for b in 0..<9 {
          for c in b + 1..<9 where Float(step) / 4000 < places[b] {
            let levels = try Levels([0, Float(step) / 4000, places[b], places[c], 1]).mirroredWithoutZero()
            finest = min(finest, levels.expectedVariance(under: law))
          }
        }
      }
      #expect(found <= finest * (1 + 1e-6) && finest <= found * (1 + 1e-3))
    } else {
      #expect(isClose(found, least, relative: 1e-5))
    }
  }

  @Test("With fewer distinct points than levels the variance is 0 and the levels still increase")
  func fewPoints() throws {
    let sample = [(coordinate: 0.5, weight: 1.0), (coordinate: 0.5, weight: 2.0), (coordinate: 0, weight: 1)]
    let levels = try DynamicProgram().fit(.uniform(intervals: 8), toSample: sample)
    #expect(try Levels(levels.values).count == 9)
    #expect(levels.expectedVariance(under: PiecewiseUniform(sample: sample)) == 0)
    #expect(throws: AdaptationError.noObservations) { try DynamicProgram().fit(levels, toSample: []) }
  }

  @Test(
    "On histograms the optimum is at most coordinate descent from any start", arguments: SampleLaw.allCases, [3, 14])
  func belowCoordinateDescent(law: SampleLaw, interior: Int) throws {
    var histogram = Histogram()
    SampleBuckets(law, buckets: 64, size: 1024, seed: 3).observe(into: &histogram)
    let estimate = try histogram.distribution()
    for levels in [
      Levels.uniform(intervals: interior + 1), Levels.uniform(intervals: interior + 1).mirroredWithoutZero(),
    ] {
      let optimum = try OptimalLevels<Histogram>().adapt(levels, to: histogram).expectedVariance(under: estimate)
      for start in CoordinateDescent.Start.allCases {
        var solver = CoordinateDescent()
        solver.starts = [start]
        let variance = try solver.fit(levels, to: estimate).expectedVariance(under: estimate)
        #expect(optimum <= variance * (1 + 1e-6))
        // Descent may stop at a local minimum among the isolated values of a heavy tail.
        #expect(variance <= optimum * (law == .student3 ? 1.25 : 1.02))
      }
    }
  }
}
