/// The law of |r| for a truncated normal r: on [0, 1], the law of normalised magnitudes.
public struct FoldedTruncatedNormal: BoundedDistribution, Hashable {
  /// The law before folding, on an interval that is symmetric around 0.
  public let base: TruncatedNormal

  /// The law of |r|.
  ///
  /// - Parameters:
  ///   - location: The mean of r before truncation.
  ///   - deviation: The standard deviation of r before truncation, positive.
  ///   - limit: r is restricted to −limit...limit.
  public init(location: Double = 0, deviation: Double, limit: Double = 1) {
    base = TruncatedNormal(location: location, deviation: deviation, bounds: -limit...limit)
  }

  /// From 0 to the limit.
  public var bounds: ClosedRange<Double> { 0...base.bounds.upperBound }

  /// E r², which folding does not change.
  public var secondMoment: Double { base.secondMoment }

  /// F(u) and the first moment up to `u`.
  public func moments(through u: Double) -> PartialMoments {
    let (negative, positive) = (base.moments(from: -u, to: 0), base.moments(from: 0, to: u))
    return PartialMoments(mass: negative.mass + positive.mass, mean: positive.mean - negative.mean)
  }

  /// The density of |r| at `u`.
  public func density(at u: Double) -> Double { u < 0 ? 0 : base.density(at: u) + base.density(at: -u) }

  /// The least point of `bracket` with F(u) ≥ p.
  public func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double {
    increasingRoot(in: bracket.clamped(to: bounds)) { u in (cumulative(u) - p, density(at: u)) }
  }
}
