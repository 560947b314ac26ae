/// The operator A(z) = M z + b.
public struct AffineOperator: Hashable, Sendable {
  /// M, square.
  public let matrix: DenseMatrix

  /// b.
  public let offset: [Double]

  /// The operator M z + b.
  ///
  /// - Parameters:
  ///   - matrix: M, square; monotone if M + Mᵀ has no negative eigenvalue.
  ///   - offset: b, as many coordinates as M has rows.
  public init(matrix: DenseMatrix, offset: [Double]) {
    precondition(matrix.rows == matrix.columns, "An operator maps a space into itself")
    precondition(offset.count == matrix.rows, "The offset must have a coordinate for each row")
    self.matrix = matrix
    self.offset = offset
  }

  /// The number of coordinates.
  public var dimension: Int { offset.count }

  /// M z + b in double precision.
  ///
  /// - Parameter z: A point.
  /// - Returns: The value at `z`.
  public func callAsFunction(_ z: Point) -> [Double] {
    var value = matrix.multiply(z)
    for i in value.indices { value[i] += offset[i] }
    return value
  }

  /// The point where the operator vanishes, −M⁻¹ b, or nil if M is singular; the origin if b = 0.
  public var root: Point? {
    if offset.allSatisfy({ $0 == 0 }) { return Point(repeating: 0, count: dimension) }
    return matrix.solve(offset.map { -$0 })
  }

  /// The operator (1/K) Σₖ Aₖ.
  ///
  /// - Parameter operators: At least one operator, all of one dimension.
  /// - Returns: Their mean.
  public static func mean(of operators: [AffineOperator]) -> AffineOperator {
    precondition(!operators.isEmpty, "A mean needs at least one operator")
    let share = 1 / Double(operators.count)
    var matrix = DenseMatrix(rows: operators[0].dimension, columns: operators[0].dimension)
    var offset = [Double](repeating: 0, count: operators[0].dimension)
    for affine in operators {
      matrix = matrix + share * affine.matrix
      offset.assign(offset, plus: share, times: affine.offset)
    }
    return AffineOperator(matrix: matrix, offset: offset)
  }
}
