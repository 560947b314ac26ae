import LaminaNumerics

/// The perturbation that is always zero.
public struct NoNoise: Noise, Hashable {
  /// The only value.
  public init() {}

  /// Leaves `vector` alone.
  ///
  /// - Parameters:
  ///   - vector: The exact dual vector.
  ///   - key: Ignored.
  public func perturb(_ vector: inout DualVector, key: RandomKey) {}

  /// Zero.
  ///
  /// - Parameter vector: Ignored.
  /// - Returns: 0.
  public func expectedSquare(of vector: DualVector) -> Double { 0 }
}
