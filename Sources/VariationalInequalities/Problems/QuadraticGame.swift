import LaminaNumerics

/// A strongly monotone affine problem: a quadratic game with a unique solution.
///
/// A(z) = M z + b with ⟨Mh, h⟩ ≥ μ‖h‖² and ‖M‖₂ ≤ L.
public struct QuadraticGame: AffineProblem {
  public let affine: AffineOperator
  public let affineGap: AffineGap?

  /// The game with the given operator.
  ///
  /// - Parameters:
  ///   - affine: A monotone operator.
  ///   - gapRadius: D > 0, the radius of the gap's ball.
  public init(_ affine: AffineOperator, gapRadius: Double = 1) {
    self.affine = affine
    affineGap = affine.root.map { AffineGap(of: affine, center: $0, radius: gapRadius) }
  }

  /// A random game: half of M above μ is a random Gram matrix, half is skew.
  ///
  /// M = μI + ½(L − μ)(GGᵀ/‖GGᵀ‖₂ + (H − Hᵀ)/‖H − Hᵀ‖₂), G and H Gaussian, b standard normal.
  ///
  /// - Parameters:
  ///   - dimension: The number of coordinates, at least 2.
  ///   - strongMonotonicity: μ > 0.
  ///   - smoothness: L ≥ μ.
  ///   - key: The name of the draw.
  ///   - gapRadius: D > 0, the radius of the gap's ball.
  /// - Returns: The same game for the same key.
  public static func random(
    dimension: Int, strongMonotonicity: Double, smoothness: Double, key: RandomKey, gapRadius: Double = 1
  ) -> QuadraticGame {
    precondition(dimension >= 2, "A random game needs two coordinates")
    precondition(
      strongMonotonicity > 0 && smoothness >= strongMonotonicity, "The moduli must satisfy 0 < μ ≤ L")
    let g = DenseMatrix.normal(rows: dimension, columns: dimension, key: key.folding(0))
    let h = DenseMatrix.normal(rows: dimension, columns: dimension, key: key.folding(1))
    let gram = g * g.transposed
    let skew = h + -1 * h.transposed
    let half = 0.5 * (smoothness - strongMonotonicity)
    let matrix =
      strongMonotonicity * .identity(dimension) + (half / gram.spectralNorm) * gram + (half / skew.spectralNorm) * skew
    let offset = DenseMatrix.normal(rows: dimension, columns: 1, key: key.folding(2)).values
    return QuadraticGame(AffineOperator(matrix: matrix, offset: offset), gapRadius: gapRadius)
  }
}
