/// The mass and the first moment of a law up to a point: F(u) and ∫ r dF(r) over r ≤ u.
public struct PartialMoments: Hashable, Sendable {
  /// F(u), from 0 to 1.
  public var mass: Double
  /// ∫ r dF(r) over r ≤ u.
  public var mean: Double

  /// A pair of partial moments.
  ///
  /// - Parameters:
  ///   - mass: F(u).
  ///   - mean: ∫ r dF(r) over r ≤ u.
  @inlinable
  public init(mass: Double, mean: Double) {
    self.mass = mass
    self.mean = mean
  }

  /// The moments of the interval between two points.
  ///
  /// - Parameters:
  ///   - upper: The moments through the upper point.
  ///   - lower: The moments through the lower point.
  /// - Returns: The mass and the first moment of what lies above the lower point and not above the upper one.
  @inlinable
  public static func - (upper: PartialMoments, lower: PartialMoments) -> PartialMoments {
    PartialMoments(mass: upper.mass - lower.mass, mean: upper.mean - lower.mean)
  }
}

/// A probability law on a bounded interval, known through its partial moments.
///
/// This is all that level optimisation, symbol probabilities and codebooks need of the law of a coordinate.
///
/// *Laws*, for every `u ≤ w` of the bounds `a...b`:
/// - `moments(through:)` is (0, 0) below `a` and (1, mean) from `b` on; its mass never decreases.
/// - `a·(F(w) − F(u)) ≤ u·(F(w) − F(u)) ≤ M(w) − M(u) ≤ w·(F(w) − F(u))`, up to rounding.
/// - `F(quantile(p)) ≥ p` up to rounding, and `quantile` never decreases.
public protocol BoundedDistribution: Sendable {
  /// The interval that holds all of the mass.
  var bounds: ClosedRange<Double> { get }

  /// E r², over the whole law.
  var secondMoment: Double { get }

  /// F(u) and the first moment up to `u`; `u` may lie outside of the bounds.
  ///
  /// - Parameter u: Any finite number.
  /// - Returns: The mass and the first moment of r ≤ u.
  func moments(through u: Double) -> PartialMoments

  /// The density at `u`, or 0 where there is none; it steers Newton steps and nothing else.
  ///
  /// - Parameter u: Any finite number.
  /// - Returns: The derivative of F at `u`.
  func density(at u: Double) -> Double

  /// The least `u` of `bracket` with F(u) ≥ p, or the upper end of `bracket` if there is none.
  ///
  /// - Parameters:
  ///   - p: A probability.
  ///   - bracket: Where to look; a narrow bracket is faster.
  /// - Returns: The quantile, clamped to the bracket.
  func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double
}

extension BoundedDistribution {
  /// F(u), the probability of r ≤ u.
  ///
  /// - Parameter u: Any finite number.
  /// - Returns: A number from 0 to 1.
  @inlinable
  public func cumulative(_ u: Double) -> Double { moments(through: u).mass }

  /// ∫ r dF(r) over r ≤ u; for magnitudes, the integral from 0 to u.
  ///
  /// - Parameter u: Any finite number.
  /// - Returns: The partial mean; at the upper bound, the mean.
  @inlinable
  public func partialMean(_ u: Double) -> Double { moments(through: u).mean }

  /// E r.
  @inlinable
  public var mean: Double { moments(through: bounds.upperBound).mean }

  /// F⁻¹(p), the least u with F(u) ≥ p.
  ///
  /// - Parameter p: A probability.
  /// - Returns: A point of the bounds.
  @inlinable
  public func quantile(_ p: Double) -> Double { quantile(p, in: bounds) }
}
