import LaminaNumerics
import RealModule
import Testing

/// A law to check, and its density up to a factor.
struct NormalCase: Sendable, CustomTestStringConvertible {
  let location: Double
  let deviation: Double
  let lower: Double
  let upper: Double
  var law: TruncatedNormal { TruncatedNormal(location: location, deviation: deviation, bounds: lower...upper) }
  var testDescription: String { "N(\(location), \(deviation)²) on [\(lower), \(upper)]" }

  static let all = [
    NormalCase(location: 0, deviation: 0.05, lower: 0, upper: 1),
    NormalCase(location: 0, deviation: 0.3, lower: -1, upper: 1),
    NormalCase(location: 0.2, deviation: 0.1, lower: -1, upper: 1),
    NormalCase(location: -0.5, deviation: 0.2, lower: 0, upper: 1),
    NormalCase(location: 3, deviation: 0.1, lower: 0, upper: 1),
    NormalCase(location: -40, deviation: 1, lower: 0, upper: 1),
    NormalCase(location: -1000, deviation: 10, lower: 0, upper: 1),
    NormalCase(location: 0.3, deviation: 1e6, lower: -1, upper: 1),
    NormalCase(location: -5, deviation: 1e3, lower: 0, upper: 1),
    NormalCase(location: 0, deviation: 1, lower: -12, upper: 12),
  ]

  /// ∫ rᵏ f dr from the lower end to `end`, by Simpson's rule where the density is not negligible.
  func quadrature(_ power: Int, through end: Double) -> Double {
    let mode = min(max(location, lower), upper)
    func density(_ r: Double) -> Double {
      Double.exp((mode - r) * (mode + r - 2 * location) / (2 * deviation * deviation))
    }
    let low = max(lower, mode - 40 * deviation)
    func integral(_ k: Int, _ b: Double) -> Double {
      // Far from its mode the law decays within deviation²/distance; cut the range there.
      guard b > low else { return 0 }
      let scale = deviation / max(1, (mode - location).magnitude / deviation)
      let (from, to) = (max(low, mode - 45 * scale), min(b, mode + 45 * scale))
      guard to > from else { return 0 }
      let n = 20_000
      let h = (to - from) / Double(n)
      var sum = CompensatedSum()
      for i in 0...n {
        let r = from + h * Double(i)
        let weight = i == 0 || i == n ? 1.0 : (i % 2 == 1 ? 4 : 2)
        sum += weight * Double.pow(r, k) * density(r)
      }
      return sum.value * h / 3
    }
    return integral(power, end) / integral(0, upper)
  }
}

@Suite("Truncated normal")
struct TruncatedNormalTests {
  @Test(
    "Mass and moments equal quadrature, also far in a tail and for deviations above the width",
    arguments: NormalCase.all)
  func quadrature(row: NormalCase) {
    let law = row.law
    for share in [0.02, 0.1, 0.5, 0.9, 1] {
      let u = row.lower + share * (row.upper - row.lower)
      let found = law.moments(through: u)
      #expect((found.mass - row.quadrature(0, through: u)).magnitude < 1e-10)
      #expect((found.mean - row.quadrature(1, through: u)).magnitude < 1e-9)
    }
    let second = row.quadrature(2, through: row.upper)
    #expect((law.secondMoment - second).magnitude < 1e-9 * max(1, row.location.magnitude))
    #expect((law.cumulative(row.upper) - 1).magnitude < 1e-14 && law.cumulative(row.lower) == 0)
    #expect(law.cumulative(row.upper + 5) == law.cumulative(row.upper) && law.cumulative(row.lower - 5) == 0)
  }

  @Test("Quantiles invert the distribution function", arguments: NormalCase.all)
  func quantiles(row: NormalCase) {
    let law = row.law
    for step in 1..<50 {
      let p = Double(step) / 50
      let u = law.quantile(p)
      // Far from the location, r − μ carries the rounding error of μ.
      let tolerance = 1e-12 + 4 * law.density(at: u) * row.location.ulp
      #expect((law.cumulative(u) - p).magnitude < tolerance)
    }
    #expect(law.quantile(0) == row.lower && law.quantile(1.1) == row.upper)
    #expect(law.quantile(0.5, in: row.lower...row.lower) == row.lower)
  }

  @Test("The density is the derivative of the distribution function", arguments: NormalCase.all)
  func density(row: NormalCase) {
    let law = row.law
    for p in [0.1, 0.5, 0.9] {
      let u = law.quantile(p)
      let step = 1e-4 / law.density(at: u)
      let difference = law.moments(from: u - step, to: u + step).mass / (2 * step)
      #expect((difference / law.density(at: u) - 1).magnitude < 1e-4)
    }
    #expect(law.density(at: row.upper + 1) == 0)
  }

  @Test("Folding adds the two sides", arguments: [0, 0.1, -0.6], [0.02, 0.3, 50])
  func folded(location: Double, deviation: Double) {
    let law = FoldedTruncatedNormal(location: location, deviation: deviation)
    let base = law.base
    for step in 1...20 {
      let u = Double(step) / 20
      #expect((law.cumulative(u) - (base.cumulative(u) - base.cumulative(-u))).magnitude < 1e-13)
    }
    #expect((law.cumulative(1) - 1).magnitude < 1e-14 && law.cumulative(-0.1) == 0)
    #expect((law.cumulative(law.quantile(0.3)) - 0.3).magnitude < 1e-12)
    #expect(law.secondMoment == base.secondMoment)
  }

  @Test("A centred law folded is the law truncated to the positive half")
  func centred() {
    let (folded, half) = (FoldedTruncatedNormal(deviation: 0.2), TruncatedNormal(deviation: 0.2))
    for step in 0...20 {
      let (a, b) = (folded.moments(through: Double(step) / 20), half.moments(through: Double(step) / 20))
      #expect((a.mass - b.mass).magnitude < 1e-15 && (a.mean - b.mean).magnitude < 1e-15)
    }
  }

  @Test("The truncated exponential law equals quadrature, and its quantiles invert it", arguments: [0.01, 0.2, 1, 1e6])
  func exponential(scale: Double) {
    let law = TruncatedExponential(scale: scale)
    func integral(_ power: Int, _ end: Double) -> Double {
      let n = 40_000
      var sum = CompensatedSum()
      for i in 0...n {
        let r = end * Double(i) / Double(n)
        sum += (i == 0 || i == n ? 1 : (i % 2 == 1 ? 4 : 2)) * Double.pow(r, power) * Double.exp(-r / scale)
      }
      return sum.value * end / Double(3 * n)
    }
    let total = integral(0, 1)
    for u in [0.01, 0.3, 1] {
      let found = law.moments(through: u)
      #expect((found.mass - integral(0, u) / total).magnitude < 1e-12)
      #expect((found.mean - integral(1, u) / total).magnitude < 1e-12)
      #expect((law.quantile(found.mass) - u).magnitude < 1e-9 || found.mass > 1 - 1e-9)
    }
    #expect((law.secondMoment - integral(2, 1) / total).magnitude < 1e-12)
    #expect(law.quantile(0) == 0 && law.quantile(1) <= 1 && law.density(at: 2) == 0)
  }

  @Test("The Mills ratio joins its two forms, and stays between its classical bounds")
  func mills() {
    for step in 0...400 {
      let x = Double(step) / 10 + 1e-9
      let ratio = millsRatio(x)
      #expect(ratio < 1 / x && ratio > x / (x * x + 1))
    }
    #expect((millsRatio(6) / millsRatio(6.0.nextDown) - 1).magnitude < 1e-13)
    #expect((millsRatio(0) - (Double.pi / 2).squareRoot()).magnitude < 1e-15)
  }
}
