import LaminaNumerics

/// Multiplicative Gaussian noise, which vanishes where the operator does: E‖U‖² = s² ‖A(x)‖².
///
/// Every coordinate is multiplied by 1 + s N with an independent standard normal N (the relative-noise model, arXiv
/// 2505.14371, section 2, with σ_R = s²).
public struct RelativeNoise: Noise, Hashable {
  /// s, the standard deviation of the factor of each coordinate.
  public let standardDeviation: Double

  /// Noise with E‖U‖² = `standardDeviation`² ‖A(x)‖².
  ///
  /// - Parameter standardDeviation: s ≥ 0, a number without unit.
  public init(standardDeviation: Double) {
    precondition(standardDeviation >= 0 && standardDeviation.isFinite, "A standard deviation must not be negative")
    self.standardDeviation = standardDeviation
  }

  /// Multiplies every coordinate by an independent factor of mean 1.
  ///
  /// - Parameters:
  ///   - vector: The exact dual vector.
  ///   - key: The name of this draw.
  public func perturb(_ vector: inout DualVector, key: RandomKey) {
    var stream = RandomStream(key: key)
    for i in vector.indices { vector[i] = Float(Double(vector[i]) * (1 + standardDeviation * stream.nextNormal())) }
  }

  /// s² ‖v‖².
  ///
  /// - Parameter vector: The exact dual vector v.
  /// - Returns: s² ‖v‖².
  public func expectedSquare(of vector: DualVector) -> Double {
    standardDeviation * standardDeviation * vector.squaredNorm
  }
}
