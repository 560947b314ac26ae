public import LaminaNumerics

/// A weighted mixture of normal laws truncated to [−1, 1], of r itself or folded to |r| (arXiv 2010.12460, section 3).
public struct TruncatedNormalMixture: BoundedDistribution, Hashable {
  /// One component.
  struct Component: Hashable {
    var share: Double
    var law: TruncatedNormal
  }

  /// 0...1 if folded, else −1...1.
  public let bounds: ClosedRange<Double>
  /// E r².
  public let secondMoment: Double
  let components: [Component]

  private var isFolded: Bool { bounds.lowerBound == 0 }

  /// A mixture of components whose shares need not sum to 1.
  init(_ components: [Component], support: CoordinateSupport) {
    let total = components.reduce(0) { $0 + $1.share }
    self.components = components.map { Component(share: $0.share / total, law: $0.law) }
    bounds = support == .magnitudes ? 0...1 : -1...1
    secondMoment = self.components.reduce(0) { $0 + $1.share * $1.law.secondMoment }
  }

  /// A normal law as fitted to a bucket, truncated to [−1, 1].
  ///
  /// A deviation below 2⁻²⁰, the resolution of ``Histogram``, is raised to it: a bucket of equal coordinates has none.
  static func fitted(mean: Double, deviation: Double) -> TruncatedNormal {
    TruncatedNormal(location: mean, deviation: max(deviation, 0x1p-20), bounds: -1...1)
  }

  /// F(u) and the first moment up to `u`.
  public func moments(through u: Double) -> PartialMoments {
    var sum = PartialMoments(mass: 0, mean: 0)
    for component in components {
      let law = component.law
      if isFolded {
        let (negative, positive) = (law.moments(from: -u, to: 0), law.moments(from: 0, to: u))
        sum.mass += component.share * (negative.mass + positive.mass)
        sum.mean += component.share * (positive.mean - negative.mean)
      } else {
        let part = law.moments(through: u)
        sum.mass += component.share * part.mass
        sum.mean += component.share * part.mean
      }
    }
    return sum
  }

  /// The density at `u`.
  public func density(at u: Double) -> Double {
    guard bounds.contains(u) else { return 0 }
    return components.reduce(0) { sum, component in
      let mirrored = isFolded ? component.law.density(at: -u) : 0
      return sum + component.share * (component.law.density(at: u) + mirrored)
    }
  }

  /// The least point of `bracket` with F(u) ≥ p.
  public func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double {
    increasingRoot(in: bracket.clamped(to: bounds)) { u in (cumulative(u) - p, density(at: u)) }
  }
}
