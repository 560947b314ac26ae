import LaminaNumerics

/// Learning a covariance by an adversarial game: a generator z ↦ Vz against a quadratic critic x ↦ xᵀWx.
///
/// min over V, max over W of E xᵀWx − E zᵀVᵀWVz with x of covariance Σ and z standard normal, regularised by λ:
/// A_V = −(W + Wᵀ)V + 2λV, A_W = −(Σ − VVᵀ) + 2λW. Not monotone in V: a stress test, from the public code of
/// "Sifting through the Noise". Points are V, then W, both row by row.
public struct CovarianceGame: Problem {
  /// Σ.
  public let covariance: DenseMatrix

  /// λ.
  public let regularisation: Double

  /// V = (Σ − 2λ²I)^½, W = λI, where the operator vanishes; nil if an eigenvalue of Σ is below 2λ².
  public let solution: Point?

  /// Σ^½, which makes samples of Σ from standard normal ones.
  private let root: DenseMatrix

  /// The game with the given covariance.
  ///
  /// - Parameters:
  ///   - covariance: Σ, symmetric and positive semidefinite.
  ///   - regularisation: λ ≥ 0.
  public init(covariance: DenseMatrix, regularisation: Double = 0.1) {
    precondition(covariance.rows == covariance.columns, "A covariance is square")
    precondition(regularisation >= 0, "The regularisation must not be negative")
    self.covariance = covariance
    self.regularisation = regularisation
    let eigen = SymmetricEigen(covariance)
    root = eigen.matrix { max($0, 0).squareRoot() }
    let shift = 2 * regularisation * regularisation
    if let smallest = eigen.values.first, smallest >= shift {
      let generator = eigen.matrix { ($0 - shift).squareRoot() }
      solution = generator.values + (regularisation * DenseMatrix.identity(covariance.rows)).values
    } else {
      solution = nil
    }
  }

  /// Twice the square of the number of rows of Σ.
  public var dimension: Int { 2 * covariance.rows * covariance.rows }

  /// (A_V, A_W) in expectation.
  ///
  /// - Parameter x: V, then W.
  /// - Returns: The value at `x`.
  public func evaluate(at x: Point) -> DualVector { value(at: x, data: covariance, latent: .identity(covariance.rows)) }

  /// (A_V, A_W) on a batch of samples of x and of z.
  ///
  /// - Parameters:
  ///   - x: V, then W.
  ///   - batchSize: The number of samples of each, at least 1.
  ///   - key: The name of the draw.
  /// - Returns: An unbiased estimate of the value at `x`.
  public func sample(at x: Point, batchSize: Int, key: RandomKey) -> DualVector {
    precondition(batchSize > 0, "A batch holds at least one sample")
    let data = secondMoment(batchSize: batchSize, key: key.folding(0))
    let latent = secondMoment(batchSize: batchSize, key: key.folding(1))
    return value(at: x, data: root * data * root, latent: latent)
  }

  /// The value for the second moments E xxᵀ and E zzᵀ, which enter linearly.
  private func value(at x: Point, data: DenseMatrix, latent: DenseMatrix) -> DualVector {
    precondition(x.count == dimension, "A point holds two matrices")
    let size = covariance.rows
    let v = DenseMatrix(rows: size, columns: size, values: Array(x[..<(size * size)]))
    let w = DenseMatrix(rows: size, columns: size, values: Array(x[(size * size)...]))
    let generated = v * latent
    let first = -1 * ((w + w.transposed) * generated) + (2 * regularisation) * v
    let second = generated * v.transposed + -1 * data + (2 * regularisation) * w
    return (first.values + second.values).map(Float.init)
  }

  private func secondMoment(batchSize: Int, key: RandomKey) -> DenseMatrix {
    let samples = DenseMatrix.normal(rows: batchSize, columns: covariance.rows, key: key)
    return (1 / Double(batchSize)) * (samples.transposed * samples)
  }
}
