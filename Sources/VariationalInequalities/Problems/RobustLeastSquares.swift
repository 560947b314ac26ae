import LaminaNumerics

/// Least squares against an adversary: min over x, max over y of ½‖Ax − y‖² − (λ/2)‖y − y₀‖².
///
/// For λ > 1 the adversary answers y = (λy₀ − Ax)/(λ − 1), the value is λ/(2(λ − 1)) ‖Ax − y₀‖², and x* is the
/// least-squares solution of Ax = y₀.
public struct RobustLeastSquares: AffineProblem {
  /// A.
  public let design: DenseMatrix

  /// y₀.
  public let target: [Double]

  /// λ.
  public let penalty: Double

  public let affine: AffineOperator
  public let affineGap: AffineGap?

  /// The problem with the given data.
  ///
  /// - Parameters:
  ///   - design: A, with independent columns if the solution is to be unique.
  ///   - target: y₀, a coordinate for each row of A.
  ///   - penalty: λ > 1.
  ///   - gapRadius: D > 0, the radius of the gap's ball.
  public init(design: DenseMatrix, target: [Double], penalty: Double, gapRadius: Double = 1) {
    precondition(target.count == design.rows, "The target must have a coordinate for each row")
    precondition(penalty > 1, "The adversary's penalty must exceed 1")
    let (n, m) = (design.columns, design.rows)
    var matrix = DenseMatrix(rows: n + m, columns: n + m)
    matrix.place(design.transposed * design, row: 0, column: 0)
    matrix.place(-1 * design.transposed, row: 0, column: n)
    matrix.place(design, row: n, column: 0)
    matrix.place((penalty - 1) * .identity(m), row: n, column: n)
    let offset = [Double](repeating: 0, count: n) + target.map { -penalty * $0 }
    let operatorValue = AffineOperator(matrix: matrix, offset: offset)
    self.design = design
    self.target = target
    self.penalty = penalty
    affine = operatorValue
    affineGap = operatorValue.root.map { AffineGap(of: operatorValue, center: $0, radius: gapRadius) }
  }

  /// The problem with a Gaussian matrix of spectral norm 1 and a standard normal target.
  ///
  /// - Parameters:
  ///   - rows: The number of equations, at least `columns`.
  ///   - columns: The number of unknowns.
  ///   - penalty: λ > 1.
  ///   - key: The name of the draw.
  /// - Returns: The same problem for the same key.
  public static func random(rows: Int, columns: Int, penalty: Double, key: RandomKey) -> RobustLeastSquares {
    precondition(columns > 0 && rows >= columns, "Least squares needs at least as many equations as unknowns")
    let matrix = DenseMatrix.normal(rows: rows, columns: columns, key: key.folding(0))
    let target = DenseMatrix.normal(rows: rows, columns: 1, key: key.folding(1)).values
    return RobustLeastSquares(design: (1 / matrix.spectralNorm) * matrix, target: target, penalty: penalty)
  }
}
