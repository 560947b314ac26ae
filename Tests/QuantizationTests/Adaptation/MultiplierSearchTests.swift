import LaminaNumerics
import Quantization
import Testing

/// One row of the reference multipliers: b bits mean s = 2^(b−1) − 1 powers below 1.
struct ReferenceMultiplier: Sendable, CustomTestStringConvertible {
  let deviation: Double
  let powers: Int
  let hasZero: Bool
  let multiplier: Double
  let variance: Double

  var testDescription: String { "TN \(deviation), \(powers) powers, \(hasZero ? "with" : "without") zero" }
  var law: TruncatedNormal { TruncatedNormal(deviation: deviation) }
  var levels: Levels {
    let levels = Levels.uniform(intervals: powers + 1)
    return hasZero ? levels : levels.mirroredWithoutZero()
  }

  static let all = [
    ReferenceMultiplier(deviation: 0.05, powers: 3, hasZero: false, multiplier: 0.29394, variance: 7.876181e-4),
    ReferenceMultiplier(deviation: 0.05, powers: 3, hasZero: true, multiplier: 0.32992, variance: 5.938099e-4),
    ReferenceMultiplier(deviation: 0.05, powers: 7, hasZero: false, multiplier: 0.54111, variance: 1.863199e-4),
    ReferenceMultiplier(deviation: 0.05, powers: 7, hasZero: true, multiplier: 0.57691, variance: 1.505159e-4),
    ReferenceMultiplier(deviation: 0.1, powers: 3, hasZero: false, multiplier: 0.36029, variance: 2.404358e-3),
    ReferenceMultiplier(deviation: 0.1, powers: 3, hasZero: true, multiplier: 0.41718, variance: 1.692588e-3),
    ReferenceMultiplier(deviation: 0.1, powers: 7, hasZero: false, multiplier: 0.59215, variance: 5.501237e-4),
    ReferenceMultiplier(deviation: 0.1, powers: 7, hasZero: true, multiplier: 0.63026, variance: 4.336703e-4),
  ]
}

@Suite("AMQ")
struct MultiplierSearchTests {
  @Test("Fact 5: the multiplier is the reference's to 1e-4, its variance to 1e-6", arguments: ReferenceMultiplier.all)
  func reference(row: ReferenceMultiplier) throws {
    let found = try #require(try MultiplierSearch().multiplier(for: row.levels, under: row.law))
    #expect((found - row.multiplier).magnitude < 1e-4)
    let levels = try MultiplierSearch().fit(row.levels, to: row.law)
    #expect(levels.count == row.levels.count && levels.containZero == row.hasZero)
    #expect(isClose(levels.expectedVariance(under: row.law), row.variance, relative: 1e-6))
  }

  @Test("Fact 5: the derivative is that of central differences to 1e-5", arguments: ReferenceMultiplier.all)
  func derivative(row: ReferenceMultiplier) throws {
    let objective = MultiplierObjective(try VarianceObjective(row.levels, law: row.law), powers: row.powers)
    for p in [0.2, 0.35, 0.5, 0.7, 0.9] {
      let difference = (objective.variance(p + 1e-5) - objective.variance(p - 1e-5)) / 2e-5
      #expect(isClose(objective.derivative(p), difference, relative: 1e-5))
    }
  }

  @Test(
    "The released procedure finds the optimum for moderate buckets and not below it", arguments: ReferenceMultiplier.all
  )
  func released(row: ReferenceMultiplier) throws {
    var solver = MultiplierSearch()
    solver.procedure = .released
    let variance = try solver.fit(row.levels, to: row.law).expectedVariance(under: row.law)
    #expect(variance >= row.variance * (1 - 1e-6))
    #expect(variance <= row.variance * 2.5)
  }

  @Test("The released choice among starts loses to the exact objective in large buckets")
  func releasedLoses() throws {
    var solver = MultiplierSearch()
    solver.procedure = .released
    let levels = Levels.uniform(intervals: 4).mirroredWithoutZero()
    let ratios = try [0.005, 0.01, 0.02].map { deviation in
      let law = TruncatedNormal(deviation: deviation)
      let best = try MultiplierSearch().fit(levels, to: law).expectedVariance(under: law)
      return try solver.fit(levels, to: law).expectedVariance(under: law) / best
    }
    #expect(ratios.allSatisfy { $0 > 1 - 1e-6 })
    #expect(ratios.contains { $0 > 1.5 })
  }

  @Test("Levels with nothing to adapt stay, and asymmetric levels are refused")
  func edges() throws {
    let law = TruncatedNormal(deviation: 0.1)
    #expect(try MultiplierSearch().fit(.ternary, to: law) == .ternary)
    let asymmetric = try Levels([-1, 0.1, 1])
    #expect(throws: AdaptationError.needsSymmetricLevels) { try MultiplierSearch().fit(asymmetric, to: law) }
  }

  @Test("A multiplier stays representable for any number of levels and any law")
  func extremes() throws {
    for deviation in [1e-6, 1e-3, 0.1, 10] {
      for powers in [1, 7, 126] {
        let levels = try MultiplierSearch().fit(
          .exponential(multiplier: 0.5, interiorCount: powers), to: TruncatedNormal(deviation: deviation))
        #expect(try Levels(levels.values).count == powers + 2)
      }
    }
  }
}
