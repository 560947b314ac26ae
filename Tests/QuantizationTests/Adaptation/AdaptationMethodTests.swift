import LaminaNumerics
import Quantization
import Testing

@Suite("Adaptation by name")
struct AdaptationMethodTests {
  @Test(
    "Every method keeps count and form, on every model", arguments: AdaptationMethod.allCases, EstimateModel.allCases)
  func keepsForm(method: AdaptationMethod, model: EstimateModel) throws {
    let adaptation = NamedAdaptation(method: method, model: model)
    var statistics = adaptation.emptyStatistics()
    SampleBuckets(.laplace, buckets: 4, size: 500, seed: 31).observe(into: &statistics)
    for interior in [0, 1, 2, 14] {
      let start = method.startingLevels(interiorCount: interior)
      let levels = try adaptation.adapt(start, to: statistics)
      #expect(try Levels(levels.values) == levels)
      #expect(levels.count == start.count && levels.areSigned == start.areSigned)
      #expect(levels.containZero == start.containZero && levels.areSymmetric == start.areSymmetric)
      let sent = try ChosenEstimate(decoding: statistics.encoded()[...])
      #expect(distance(try adaptation.adapt(start, to: sent), levels) < 1e-3)
    }
  }

  @Test("What is named is what is done: forms that a method lacks are refused, and nothing observed is said")
  func errors() throws {
    let law = TruncatedNormal(deviation: 0.1)
    let magnitudes = Levels.uniform(intervals: 4)
    #expect(throws: AdaptationError.needsLevelsWithoutZero) { try AdaptationMethod.amq.fit(magnitudes, to: law) }
    #expect(throws: AdaptationError.needsZeroLevel) {
      try AdaptationMethod.amqWithZero.fit(magnitudes.mirroredWithoutZero(), to: law)
    }
    let asymmetric = try Levels([-1, -0.2, 0.3, 1])
    #expect(throws: AdaptationError.needsSignedStatistics) { try AdaptationMethod.alq.fit(asymmetric, to: law) }
    for method in AdaptationMethod.allCases where method != .fixed {
      let adaptation = NamedAdaptation(method: method)
      #expect(throws: AdaptationError.noObservations) {
        try adaptation.adapt(method.startingLevels(interiorCount: 3), to: adaptation.emptyStatistics())
      }
    }
    #expect(FixedLevels().adapt(asymmetric, to: NoStatistics()) == asymmetric)
    #expect(throws: StatisticsError.trailingBytes(count: 1)) { try NoStatistics(decoding: [0]) }
  }

  @Test("Laws with mass in one place, at an end or at both give increasing levels and no more variance")
  func degenerateLaws() throws {
    for places in [[0.0], [1.0], [0.5], [0.0, 1.0], [0.25, 0.25, 0.75], [1e-12], [0, 1e-9, 1]] {
      let law = PiecewiseUniform(sample: places.map { ($0, 1) })
      for start in [Levels.uniform(intervals: 5), Levels.uniform(intervals: 5).mirroredWithoutZero()] {
        for method in AdaptationMethod.allCases where method != .amq && method != .amqWithZero {
          let levels = try method.fit(start, to: law)
          #expect(try Levels(levels.values).count == start.count)
          if method == .alq || method == .optimal || method == .alqGradient {
            #expect(levels.expectedVariance(under: law) <= start.expectedVariance(under: law) + 1e-9)
          }
        }
      }
    }
  }

  @Test("126 interior levels on a narrow law increase strictly", arguments: [1e-5, 1e-3, 0.1])
  func manyLevels(deviation: Double) throws {
    let law = TruncatedNormal(deviation: deviation)
    let start = Levels.exponential(multiplier: 0.9, interiorCount: 126)
    let levels = try CoordinateDescent().fit(start, to: law)
    #expect(try Levels(levels.values) == levels)
    #expect(levels.expectedVariance(under: law) < start.expectedVariance(under: law))
  }
}
