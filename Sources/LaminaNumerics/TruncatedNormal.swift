import RealModule

/// The normal law with a mean and a deviation, restricted to an interval.
///
/// The partial moments are the closed forms ∫ r dF = μ·ΔF + s²(f(a) − f(b)) and
/// ∫ r² dF = μ·∫ r dF + s²(ΔF + a f(a) − b f(b)). Everything is computed relative to the density at the mode of the
/// restricted law, so that an interval far out in a tail, or a deviation far above its width, loses no mass.
public struct TruncatedNormal: BoundedDistribution, Hashable {
  /// The mean before truncation, μ.
  public let location: Double
  /// The standard deviation before truncation, s.
  public let deviation: Double
  /// The interval that holds the mass.
  public let bounds: ClosedRange<Double>
  /// The distance of the mode from μ, in deviations.
  private let reference: Double
  /// The mass of the interval, in units of the density at the mode times s.
  private let total: Double

  /// The normal law restricted to `bounds`.
  ///
  /// - Parameters:
  ///   - location: μ, finite; it may lie outside of the bounds.
  ///   - deviation: s, positive and finite.
  ///   - bounds: The interval, finite and of positive length.
  public init(location: Double = 0, deviation: Double, bounds: ClosedRange<Double> = 0...1) {
    precondition(location.isFinite, "The location of a normal law is finite")
    precondition(deviation > 0 && deviation.isFinite, "The deviation of a normal law is positive and finite")
    precondition(
      bounds.lowerBound < bounds.upperBound && (bounds.upperBound - bounds.lowerBound).isFinite,
      "A truncated law needs an interval of positive, finite length")
    self.location = location
    self.deviation = deviation
    self.bounds = bounds
    let (a, b) = ((bounds.lowerBound - location) / deviation, (bounds.upperBound - location) / deviation)
    reference = max(a, -b, 0)
    total = scaledNormalMass(from: a, to: b, reference: reference)
  }

  /// The mass and the first moment of the part between two points.
  ///
  /// - Parameters:
  ///   - start: The lower point.
  ///   - end: The upper point.
  /// - Returns: F(end) − F(start) and the integral of r over the part; zero if the points are out of order.
  public func moments(from start: Double, to end: Double) -> PartialMoments {
    let (x, y) = (max(start, bounds.lowerBound), min(end, bounds.upperBound))
    guard x < y else { return PartialMoments(mass: 0, mean: 0) }
    let (a, b) = (standardised(x), standardised(y))
    if isNarrow(from: a, to: b) {
      let middle = (x + y) / 2
      let mass = scaledNormalMass(from: a, to: b, reference: reference) / total
      return PartialMoments(mass: mass, mean: middle * mass + narrowTilt(from: a, to: b) * deviation / total)
    }
    let mass = scaledNormalMass(from: a, to: b, reference: reference)
    let mean = location * mass + deviation * (relativeDensity(a) - relativeDensity(b))
    return PartialMoments(mass: mass / total, mean: min(max(mean, x * mass), y * mass) / total)
  }

  /// F(u) and the first moment up to `u`.
  public func moments(through u: Double) -> PartialMoments { moments(from: bounds.lowerBound, to: u) }

  /// The density at `u`, 0 outside of the bounds.
  public func density(at u: Double) -> Double {
    bounds.contains(u) ? relativeDensity(standardised(u)) / (deviation * total) : 0
  }

  /// E r².
  public var secondMoment: Double {
    let (x, y) = (bounds.lowerBound, bounds.upperBound)
    let (a, b) = (standardised(x), standardised(y))
    if isNarrow(from: a, to: b) {
      // Around the middle c: E r² = c² + 2c E(r − c) + E(r − c)².
      let (middle, half) = ((x + y) / 2, (y - x) / 2)
      let spread = gaussLegendre(from: a, to: b) { z, t in half * half * t * t * relativeDensity(z) } / total
      return middle * middle + 2 * middle * narrowTilt(from: a, to: b) * deviation / total + spread
    }
    let edges = x * relativeDensity(a) - y * relativeDensity(b)
    return max(0, location * moments(from: x, to: y).mean + deviation * deviation + deviation * edges / total)
  }

  /// The least point of `bracket` with F(u) ≥ p.
  public func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double {
    increasingRoot(in: bracket.clamped(to: bounds)) { u in (cumulative(u) - p, density(at: u)) }
  }

  private func standardised(_ r: Double) -> Double { (r - location) / deviation }

  /// φ(z)/φ(mode).
  private func relativeDensity(_ z: Double) -> Double {
    Double.exp((reference - z) * (reference + z) / 2)
  }

  /// ∫ (z − middle) φ(z)/φ(mode) dz.
  private func narrowTilt(from a: Double, to b: Double) -> Double {
    gaussLegendre(from: a, to: b) { z, t in (b - a) / 2 * t * relativeDensity(z) }
  }
}

/// √(2π)·exp(m²/2)·(Φ(b) − Φ(a)) for a reference m of at most the least |z| of the interval.
func scaledNormalMass(from a: Double, to b: Double, reference m: Double) -> Double {
  if isNarrow(from: a, to: b) {
    return gaussLegendre(from: a, to: b) { z, _ in Double.exp((m - z) * (m + z) / 2) }
  }
  if b <= 0 { return scaledNormalMass(from: -b, to: -a, reference: m) }
  if a < 1 {
    // Near the centre erf is exact to its last digits, and nothing can underflow.
    let root = 2.0.squareRoot()
    return (Double.pi / 2).squareRoot() * Double.exp(m * m / 2) * (Double.erf(b / root) - Double.erf(a / root))
  }
  return millsRatio(a) * Double.exp((m - a) * (m + a) / 2) - millsRatio(b) * Double.exp((m - b) * (m + b) / 2)
}

/// Whether the density changes so little over the interval that 6 Gauss-Legendre points integrate it exactly, where a
/// difference of two nearly equal tails would not.
private func isNarrow(from a: Double, to b: Double) -> Bool {
  (b - a) * (1 + max(a.magnitude, b.magnitude)) < 0.25
}

/// ∫ g dz from `a` to `b` with 6 points; `g` gets the point and its place from −1 to 1.
private func gaussLegendre(from a: Double, to b: Double, _ g: (Double, Double) -> Double) -> Double {
  let (middle, half) = ((a + b) / 2, (b - a) / 2)
  func pair(_ t: Double, _ weight: Double) -> Double {
    weight * (g(middle - half * t, -t) + g(middle + half * t, t))
  }
  return half
    * (pair(0.2386191860831969, 0.4679139345726910) + pair(0.6612093864662645, 0.3607615730481386)
      + pair(0.9324695142031521, 0.1713244923791704))
}
