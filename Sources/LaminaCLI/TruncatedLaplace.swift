import LaminaNumerics
import RealModule

/// The law of magnitudes of a Laplace law, restricted to [0, 1]: density proportional to exp(−u/b).
struct TruncatedLaplace: BoundedDistribution {
  /// b, positive.
  let scale: Double

  /// ∫₀^{1/b} e^(−t) dt, the mass before it is normalised.
  private let total: Double

  init(scale: Double) {
    precondition(scale > 0 && scale.isFinite, "The scale of a Laplace law is positive")
    self.scale = scale
    total = incompleteGamma(order: 0, 1 / scale)
  }

  var bounds: ClosedRange<Double> { 0...1 }

  var secondMoment: Double { scale * scale * incompleteGamma(order: 2, 1 / scale) / total }

  func moments(through u: Double) -> PartialMoments {
    let x = min(max(u, 0), 1) / scale
    return PartialMoments(
      mass: u >= 1 ? 1 : incompleteGamma(order: 0, x) / total, mean: scale * incompleteGamma(order: 1, x) / total)
  }

  func density(at u: Double) -> Double { bounds.contains(u) ? Double.exp(-u / scale) / (scale * total) : 0 }

  func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double {
    let u = -scale * Double.log(onePlus: -min(max(p, 0), 1) * total)
    return min(max(u, bracket.lowerBound), bracket.upperBound)
  }
}

/// ∫₀ˣ tⁿ e^(−t) dt for n of 0, 1 or 2; by its series where the closed form would cancel.
private func incompleteGamma(order: Int, _ x: Double) -> Double {
  guard order > 0 else { return -Double.expMinusOne(-x) }
  guard x < 1 else {
    return order == 1 ? 1 - (1 + x) * Double.exp(-x) : 2 - (2 + x * (2 + x)) * Double.exp(-x)
  }
  // Σⱼ (−1)ʲ x^(n+1+j) / (j! (n + 1 + j)); below x = 1, twenty terms exhaust binary64.
  var power = Double.pow(x, order + 1)
  var sum = 0.0
  for j in 0..<20 {
    sum += power / Double(order + 1 + j)
    power *= -x / Double(j + 1)
  }
  return sum
}
