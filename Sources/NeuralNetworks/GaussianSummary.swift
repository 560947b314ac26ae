/// The mean and covariance of a set of vectors, and the Fréchet distance of two normal laws that have them.
package struct GaussianSummary: Hashable, Sendable {
  /// One number per coordinate.
  package let mean: [Double]
  /// The covariance matrix in row-major order, with divisor n − 1.
  package let covariance: [Double]

  /// A summary of given moments.
  ///
  /// - Parameters:
  ///   - mean: One number per coordinate.
  ///   - covariance: A symmetric, positive semidefinite matrix in row-major order.
  package init(mean: [Double], covariance: [Double]) {
    precondition(covariance.count == mean.count * mean.count, "the covariance must have one row per coordinate")
    self.mean = mean
    self.covariance = covariance
  }

  /// The summary of the rows of a matrix of double precision.
  ///
  /// - Parameter rows: At least two vectors.
  /// - Throws: ``TorchError``.
  package init(of rows: Tensor) throws(TorchError) {
    let count = try rows.shape[0]
    precondition(count > 1, "a covariance needs at least two vectors")
    let average = try rows.mean(over: [0], keeping: true)
    let centred = try rows - average
    mean = try average.doubles()
    covariance = try (centred.transposed().times(centred) * (1 / Double(count - 1))).doubles()
  }

  /// The sum of the variances of the coordinates.
  package var totalVariance: Double { stride(from: 0, to: covariance.count, by: mean.count + 1).sum { covariance[$0] } }

  /// The same law with all vectors multiplied by `factor`.
  package func scaled(by factor: Double) -> GaussianSummary {
    GaussianSummary(mean: mean.map { $0 * factor }, covariance: covariance.map { $0 * factor * factor })
  }

  /// ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁^½ Σ₂ Σ₁^½)^½), the squared 2-Wasserstein distance of two normal laws.
  ///
  /// Dowson and Landau, 1982; the distance of Heusel et al. (arXiv 1706.08500) on other features. Negative eigenvalues,
  /// which rounding makes of 0, count as 0.
  ///
  /// - Parameter other: A law of the same dimension.
  /// - Returns: 0 for equal laws, up to rounding.
  /// - Throws: ``TorchError``.
  package func distance(to other: GaussianSummary) throws(TorchError) -> Double {
    precondition(mean.count == other.mean.count, "the laws must have the same dimension")
    let size = mean.count
    let root = try GaussianSummary.squareRoot(Tensor(covariance, shape: [size, size]))
    let product = try root.times(Tensor(other.covariance, shape: [size, size])).times(root)
    let eigenvalues = try product.symmetricEigen().values.doubles()
    let shift = zip(mean, other.mean).sum { ($0 - $1) * ($0 - $1) }
    return shift + totalVariance + other.totalVariance - 2 * eigenvalues.sum { max($0, 0).squareRoot() }
  }

  /// The positive semidefinite square root of a symmetric matrix.
  private static func squareRoot(_ matrix: Tensor) throws(TorchError) -> Tensor {
    let (values, vectors) = try matrix.symmetricEigen()
    return try (vectors * values.clamped(atLeast: 0).squareRoot()).times(vectors.transposed())
  }
}

extension Sequence {
  fileprivate func sum(_ term: (Element) -> Double) -> Double { reduce(0) { $0 + term($1) } }
}
