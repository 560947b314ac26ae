import LaminaNumerics

/// The game min over x, max over y of xᵀBy + bᵀx + cᵀy.
///
/// A(x, y) = (By + b, −Bᵀx − c): skew, so 1-Lipschitz for ‖B‖₂ = 1 and nowhere strongly monotone. The hardest smooth
/// monotone problem for its size, and the one whose gap has the simplest form: D‖A(z)‖ on a ball of radius D.
public struct BilinearGame: AffineProblem {
  /// B.
  public let coupling: DenseMatrix

  public let affine: AffineOperator
  public let affineGap: AffineGap?

  /// The game with the given matrix and linear terms.
  ///
  /// - Parameters:
  ///   - coupling: B, a row for each coordinate of x and a column for each of y.
  ///   - rowTerm: b; zero if nil.
  ///   - columnTerm: c; zero if nil.
  ///   - gapRadius: D > 0, the radius of the gap's ball.
  public init(
    coupling: DenseMatrix, rowTerm: [Double]? = nil, columnTerm: [Double]? = nil, gapRadius: Double = 1
  ) {
    let (n, m) = (coupling.rows, coupling.columns)
    let b = rowTerm ?? [Double](repeating: 0, count: n)
    let c = columnTerm ?? [Double](repeating: 0, count: m)
    precondition(b.count == n && c.count == m, "The linear terms must match the rows and columns of the matrix")
    var matrix = DenseMatrix(rows: n + m, columns: n + m)
    matrix.place(coupling, row: 0, column: n)
    matrix.place(-1 * coupling.transposed, row: n, column: 0)
    self.coupling = coupling
    affine = AffineOperator(matrix: matrix, offset: b + c.map { -$0 })
    let operatorValue = affine
    affineGap = affine.root.map { AffineGap(of: operatorValue, center: $0, radius: gapRadius) }
  }

  /// A square game with a Gaussian matrix of spectral norm 1 and no linear terms; its solution is the origin.
  ///
  /// - Parameters:
  ///   - dimension: The number of coordinates of both players together, positive and even.
  ///   - key: The name of the draw.
  ///   - gapRadius: D > 0, the radius of the gap's ball.
  /// - Returns: The same game for the same key.
  public static func random(dimension: Int, key: RandomKey, gapRadius: Double = 1) -> BilinearGame {
    precondition(dimension > 0 && dimension.isMultiple(of: 2), "A square game has an even number of coordinates")
    let matrix = DenseMatrix.normal(rows: dimension / 2, columns: dimension / 2, key: key)
    return BilinearGame(coupling: (1 / matrix.spectralNorm) * matrix, gapRadius: gapRadius)
  }
}
