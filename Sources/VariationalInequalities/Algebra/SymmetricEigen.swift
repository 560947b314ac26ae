/// The eigenvalues and eigenvectors of a symmetric matrix, by Jacobi rotations.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues in increasing order.
  public let values: [Double]

  /// Column j is a unit eigenvector of eigenvalue j.
  public let vectors: DenseMatrix

  /// Decomposes `matrix`.
  ///
  /// - Parameter matrix: A square matrix; only its symmetric part is seen.
  /// - Complexity: O(n³) for each sweep, about ten sweeps.
  public init(_ matrix: DenseMatrix) {
    precondition(matrix.rows == matrix.columns, "Only square matrices have eigenvalues")
    var s = 0.5 * (matrix + matrix.transposed)
    let size = s.rows
    var q = DenseMatrix.identity(size)
    // Convergence is quadratic: 60 sweeps are never made, they bound the loop for non-finite entries.
    for _ in 0..<60 {
      var off = 0.0
      var total = 0.0
      for i in 0..<size {
        for j in 0..<size {
          total += s[i, j] * s[i, j]
          if i != j { off += s[i, j] * s[i, j] }
        }
      }
      guard off > 1e-32 * total else { break }
      for i in 0..<size {
        for j in i + 1..<max(size, i + 1) { Self.rotate(&s, &q, i, j) }
      }
    }
    let order = (0..<size).sorted { s[$0, $0] < s[$1, $1] }
    var vectors = DenseMatrix(rows: size, columns: size)
    for (column, source) in order.enumerated() {
      for row in 0..<size { vectors[row, column] = q[row, source] }
    }
    self.values = order.map { s[$0, $0] }
    self.vectors = vectors
  }

  /// The rotation of coordinates i and j that annihilates s[i, j].
  private static func rotate(_ s: inout DenseMatrix, _ q: inout DenseMatrix, _ i: Int, _ j: Int) {
    guard s[i, j] != 0 else { return }
    let theta = (s[j, j] - s[i, i]) / (2 * s[i, j])
    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let d = t * c
    for k in 0..<s.rows {
      let (a, b) = (s[k, i], s[k, j])
      s[k, i] = c * a - d * b
      s[k, j] = d * a + c * b
    }
    for k in 0..<s.rows {
      let (a, b) = (s[i, k], s[j, k])
      s[i, k] = c * a - d * b
      s[j, k] = d * a + c * b
    }
    for k in 0..<q.rows {
      let (a, b) = (q[k, i], q[k, j])
      q[k, i] = c * a - d * b
      q[k, j] = d * a + c * b
    }
  }

  /// Σⱼ f(λⱼ) qⱼ qⱼᵀ, a function of the matrix.
  ///
  /// - Parameter function: The function of an eigenvalue.
  /// - Returns: A symmetric matrix with the same eigenvectors.
  public func matrix(_ function: (Double) -> Double) -> DenseMatrix {
    let size = values.count
    var scaled = vectors
    for j in 0..<size {
      let factor = function(values[j])
      for i in 0..<size { scaled[i, j] *= factor }
    }
    return scaled * vectors.transposed
  }
}

extension DenseMatrix {
  /// ‖M‖₂, the largest singular value.
  public var spectralNorm: Double {
    let gram = rows < columns ? self * transposed : transposed * self
    return max(0, SymmetricEigen(gram).values.last ?? 0).squareRoot()
  }
}
