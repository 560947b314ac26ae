import LaminaNumerics

/// Gaussian noise that does not depend on the vector: E‖U‖² = σ².
///
/// Every coordinate has variance σ²/d, so that σ is the standard deviation of the whole vector whatever its dimension
/// (the bounded-variance model, arXiv 2505.14371, section 2).
public struct AbsoluteNoise: Noise, Hashable {
  /// σ, the root of E‖U‖².
  public let standardDeviation: Double

  /// Noise with E‖U‖² = `standardDeviation`².
  ///
  /// - Parameter standardDeviation: σ ≥ 0, in units of the dual vector.
  public init(standardDeviation: Double) {
    precondition(standardDeviation >= 0 && standardDeviation.isFinite, "A standard deviation must not be negative")
    self.standardDeviation = standardDeviation
  }

  /// Adds an independent normal number to every coordinate.
  ///
  /// - Parameters:
  ///   - vector: The exact dual vector.
  ///   - key: The name of this draw.
  public func perturb(_ vector: inout DualVector, key: RandomKey) {
    guard !vector.isEmpty else { return }
    let deviation = standardDeviation / Double(vector.count).squareRoot()
    var stream = RandomStream(key: key)
    for i in vector.indices { vector[i] = Float(Double(vector[i]) + deviation * stream.nextNormal()) }
  }

  /// σ².
  ///
  /// - Parameter vector: Only whether it is empty matters.
  /// - Returns: σ², or 0 without coordinates.
  public func expectedSquare(of vector: DualVector) -> Double {
    vector.isEmpty ? 0 : standardDeviation * standardDeviation
  }
}
