import RealModule

/// The density proportional to exp(−r/b) on [0, 1]: the law of the magnitudes of a truncated Laplace law.
public struct TruncatedExponential: BoundedDistribution, Hashable {
  /// b, the mean before truncation.
  public let scale: Double
  /// 1 − exp(−1/b).
  private let total: Double

  /// The law with scale b.
  ///
  /// - Parameter scale: b, positive and finite.
  public init(scale: Double) {
    precondition(scale > 0 && scale.isFinite, "The scale of an exponential law is positive and finite")
    self.scale = scale
    total = -Double.expMinusOne(-1 / scale)
  }

  /// From 0 to 1.
  public var bounds: ClosedRange<Double> { 0...1 }

  /// E r².
  public var secondMoment: Double { 2 * scale * scale * poissonTail(from: 3, mean: 1 / scale) / total }

  /// F(u) and the first moment up to `u`.
  public func moments(through u: Double) -> PartialMoments {
    let x = min(max(u, 0), 1) / scale
    return PartialMoments(mass: -Double.expMinusOne(-x) / total, mean: scale * poissonTail(from: 2, mean: x) / total)
  }

  /// The density at `u`, 0 outside of the bounds.
  public func density(at u: Double) -> Double {
    bounds.contains(u) ? Double.exp(-u / scale) / (scale * total) : 0
  }

  /// The least point of `bracket` with F(u) ≥ p.
  public func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double {
    let share = min(max(p, 0), 1) * total
    let place = share < 1 ? -scale * Double.log(onePlus: -share) : 1
    return min(max(min(place, 1), bracket.lowerBound), bracket.upperBound)
  }
}

/// P(N ≥ n) for a Poisson variable N: 1 − exp(−x)(1 + x + … + xⁿ⁻¹/(n−1)!), without cancellation for a small mean x.
private func poissonTail(from n: Int, mean x: Double) -> Double {
  var term = 1.0
  var head = 0.0
  for k in 0..<n {
    head += term
    term *= x / Double(k + 1)
  }
  guard x < 2 else { return 1 - Double.exp(-x) * head }
  var tail = 0.0
  var k = n
  while tail + term > tail {
    tail += term
    k += 1
    term *= x / Double(k)
  }
  return Double.exp(-x) * tail
}
