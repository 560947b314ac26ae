import LaminaNumerics

/// A random perturbation U of dual vectors with E U = 0.
///
/// Law: the perturbation is a function of vector and key, and its mean square is `expectedSquare(of:)`.
public protocol Noise: Sendable {
  /// Adds U to `vector`.
  ///
  /// - Parameters:
  ///   - vector: The exact dual vector.
  ///   - key: The name of this draw.
  func perturb(_ vector: inout DualVector, key: RandomKey)

  /// E‖U‖² at the exact dual vector `vector`.
  ///
  /// - Parameter vector: The exact dual vector.
  /// - Returns: A mean square.
  func expectedSquare(of vector: DualVector) -> Double
}
