import LaminaNumerics
import Quantization
import Testing

/// The reference table of optimised levels: TN s is the density proportional to exp(−r²/2s²) on [0, 1].
struct ReferenceLevels: Sendable, CustomTestStringConvertible {
  let deviation: Double
  let uniform: Double
  let exponential: Double
  let alq: Double
  let levels: [Double]

  var law: TruncatedNormal { TruncatedNormal(deviation: deviation) }
  var interiorCount: Int { levels.count }
  var testDescription: String { "TN \(deviation), \(interiorCount) interior levels" }

  static let all = [
    ReferenceLevels(
      deviation: 0.05, uniform: 1.744711e-2, exponential: 1.744711e-2, alq: 2.330949e-3, levels: [0.102742]),
    ReferenceLevels(
      deviation: 0.05, uniform: 7.473560e-3, exponential: 2.536884e-3, alq: 3.390719e-4,
      levels: [0.034873, 0.076545, 0.148611]),
    ReferenceLevels(
      deviation: 0.05, uniform: 2.536883e-3, exponential: 2.054734e-4, alq: 6.664830e-5,
      levels: [0.015240, 0.030967, 0.047788, 0.066632, 0.089269, 0.120240, 0.180560]),
    ReferenceLevels(
      deviation: 0.1, uniform: 2.989424e-2, exponential: 2.989424e-2, alq: 7.197707e-3, levels: [0.175191]),
    ReferenceLevels(
      deviation: 0.1, uniform: 1.014753e-2, exponential: 2.653219e-3, alq: 1.215753e-3,
      levels: [0.065963, 0.143193, 0.265313]),
    ReferenceLevels(
      deviation: 0.1, uniform: 2.604162e-3, exponential: 8.181024e-4, alq: 2.532138e-4,
      levels: [0.029713, 0.060328, 0.092954, 0.129255, 0.172294, 0.229451, 0.330031]),
  ]
}

/// The largest distance between two level sequences.
func distance(_ a: Levels, _ b: Levels) -> Double {
  zip(a.values, b.values).reduce(0) { max($0, Double(($1.0 - $1.1).magnitude)) }
}

func isClose(_ a: Double, _ b: Double, relative tolerance: Double) -> Bool {
  (a - b).magnitude <= tolerance * max(a.magnitude, b.magnitude)
}

@Suite("Reference levels")
struct ReferenceLevelsTests {
  @Test("Fact 4: ALQ reaches the reference levels to 1e-5 and their variance to 1e-6", arguments: ReferenceLevels.all)
  func alq(reference: ReferenceLevels) throws {
    for start in [
      Levels.uniform(intervals: reference.interiorCount + 1),
      .exponential(multiplier: 0.5, interiorCount: reference.interiorCount),
    ] {
      let levels = try CoordinateDescent().fit(start, to: reference.law)
      for (level, expected) in zip(levels.values.dropFirst(), reference.levels) {
        #expect((Double(level) - expected).magnitude < 1e-5)
      }
      #expect(isClose(levels.expectedVariance(under: reference.law), reference.alq, relative: 1e-6))
    }
  }

  @Test("Fact 4: the variance of uniform and exponential levels is the reference's", arguments: ReferenceLevels.all)
  func fixedFamilies(reference: ReferenceLevels) {
    let uniform = Levels.uniform(intervals: reference.interiorCount + 1)
    let exponential = Levels.exponential(multiplier: 0.5, interiorCount: reference.interiorCount)
    #expect(isClose(uniform.expectedVariance(under: reference.law), reference.uniform, relative: 1e-6))
    #expect(isClose(exponential.expectedVariance(under: reference.law), reference.exponential, relative: 1e-6))
  }

  @Test("Fact 4: every coordinate update lowers the variance or keeps it", arguments: ReferenceLevels.all)
  func monotone(reference: ReferenceLevels) throws {
    let levels = Levels.uniform(intervals: reference.interiorCount + 1)
    for start in [levels, levels.mirroredWithoutZero()] {
      let objective = try VarianceObjective(start, law: reference.law)
      var points = objective.form.points(of: start)
      var variance = objective.variance(points)
      for update in 0..<20 * reference.interiorCount {
        let j = 1 + update % (points.count - 2)
        if let next = objective.coordinateMinimum(j, points, objective.moments(points)) { points[j] = next }
        if objective.form == .withoutZero { points[0] = -points[1] }
        let after = objective.variance(points)
        #expect(after <= variance + 1e-15)
        variance = after
      }
    }
  }

  @Test("Fact 4: without Newton's iteration, the sweeps alone come to the same levels", arguments: ReferenceLevels.all)
  func sweepsAlone(reference: ReferenceLevels) throws {
    var sweeps = CoordinateDescent()
    sweeps.finishesByNewton = false
    let start = Levels.uniform(intervals: reference.interiorCount + 1)
    #expect(
      distance(try sweeps.fit(start, to: reference.law), try CoordinateDescent().fit(start, to: reference.law)) < 1e-5)
  }

  @Test(
    "Fact 4: uniform, exponential and quantile starts agree to 1e-4", arguments: ReferenceLevels.all, [false, true])
  func startsAgree(reference: ReferenceLevels, hasZero: Bool) throws {
    let magnitudes = Levels.uniform(intervals: reference.interiorCount + 1)
    let levels = hasZero ? magnitudes : magnitudes.mirroredWithoutZero()
    var solver = CoordinateDescent()
    let fitted = try CoordinateDescent.Start.allCases.map { start in
      solver.starts = [start]
      return try solver.fit(levels, to: reference.law)
    }
    for other in fitted.dropFirst() { #expect(distance(fitted[0], other) < 1e-4) }
  }

  @Test(
    "Fact 4: coordinate descent matches the dynamic program on a fine grid", arguments: ReferenceLevels.all,
    [false, true])
  func matchesProgram(reference: ReferenceLevels, hasZero: Bool) throws {
    let magnitudes = Levels.uniform(intervals: reference.interiorCount + 1)
    let levels = hasZero ? magnitudes : magnitudes.mirroredWithoutZero()
    let width = 1.0 / 4096
    let grid = (0..<4096).map { cell in
      let part = reference.law.moments(from: Double(cell) * width, to: Double(cell + 1) * width)
      return (
        coordinate: part.mass > 0 ? part.mean / part.mass : (Double(cell) + 0.5) * width, weight: part.mass + 1e-30
      )
    }
    let exact = try DynamicProgram().fit(levels, toSample: grid)
    let fitted = try CoordinateDescent().fit(levels, to: reference.law)
    #expect(distance(exact, fitted) < 3 * width)
    let law = PiecewiseUniform(sample: grid)
    // The program is the optimum of the grid; the fit of the continuous law can only be above, and hardly is.
    let (least, found) = (exact.expectedVariance(under: law), fitted.expectedVariance(under: law))
    #expect(least <= found * (1 + 1e-9) && found <= least * 1.01)
  }

  @Test("Fact 6: ALQ is at most AMQ with zero, which is at most exponential levels", arguments: ReferenceLevels.all)
  func order(reference: ReferenceLevels) throws {
    let exponential = Levels.exponential(multiplier: 0.5, interiorCount: reference.interiorCount)
    let amq = try MultiplierSearch().fit(exponential, to: reference.law).expectedVariance(under: reference.law)
    let alq = try CoordinateDescent().fit(exponential, to: reference.law).expectedVariance(under: reference.law)
    #expect(alq <= amq * (1 + 1e-7))
    #expect(amq <= exponential.expectedVariance(under: reference.law))
    if reference.deviation == 0.1, reference.interiorCount == 3 {
      #expect((alq - 1.2158e-3).magnitude < 5e-8 && (amq - 1.6926e-3).magnitude < 5e-8)
    }
  }

  @Test("The projected gradient descends to the optimal variance", arguments: ReferenceLevels.all)
  func gradient(reference: ReferenceLevels) throws {
    let start = Levels.exponential(multiplier: 0.5, interiorCount: reference.interiorCount)
    let levels = try ProjectedGradient().fit(start, to: reference.law)
    let variance = levels.expectedVariance(under: reference.law)
    #expect(variance >= reference.alq * (1 - 1e-6) && variance <= reference.alq * (1 + 1e-4))
  }

  @Test("The gradient is that of central differences, in every form")
  func centralDifferences() throws {
    let uniform = Levels.uniform(intervals: 5)
    let folded = FoldedTruncatedNormal(location: 0.03, deviation: 0.2)
    for levels in [uniform, uniform.mirroredWithoutZero()] { try checkGradient(levels, folded) }
    let signed = try Levels([-1, -0.4, -0.1, 0.2, 0.5, 1])
    try checkGradient(signed, TruncatedNormal(location: 0.03, deviation: 0.2, bounds: -1...1))
  }

  private func checkGradient<Law: BoundedDistribution>(_ levels: Levels, _ law: Law) throws {
    let objective = try VarianceObjective(levels, law: law)
    let points = objective.form.points(of: levels)
    let gradient = objective.gradient(points, objective.moments(points))
    for j in 1..<points.count - 1 {
      func moved(_ step: Double) -> Double {
        var other = points
        other[j] += step
        if objective.isReflected(j) { other[0] = -other[j] }
        return objective.variance(other)
      }
      let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
      #expect((difference - gradient[j - 1]).magnitude < 1e-8)
    }
  }
}
