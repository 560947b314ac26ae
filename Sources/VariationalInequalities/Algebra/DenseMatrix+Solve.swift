extension DenseMatrix {
  /// The solution x of M x = b, by elimination with partial pivoting.
  ///
  /// - Parameter b: The right-hand side.
  /// - Returns: x, or nil if the matrix is singular to working precision.
  /// - Precondition: The matrix is square.
  /// - Complexity: O(n³) for n rows.
  public func solve(_ b: [Double]) -> [Double]? {
    precondition(rows == columns, "Only square systems are solved")
    precondition(b.count == rows, "The right-hand side must have a coordinate for each row")
    var matrix = self
    var x = b
    let smallest = (values.map(abs).max() ?? 0) * Double(rows) * Double.ulpOfOne
    for column in 0..<rows {
      var pivot = column
      for row in column..<rows where abs(matrix[row, column]) > abs(matrix[pivot, column]) { pivot = row }
      guard abs(matrix[pivot, column]) > smallest else { return nil }
      if pivot != column {
        for j in column..<rows {
          let entry = matrix[column, j]
          matrix[column, j] = matrix[pivot, j]
          matrix[pivot, j] = entry
        }
        x.swapAt(column, pivot)
      }
      for row in column + 1..<max(rows, column + 1) {
        let factor = matrix[row, column] / matrix[column, column]
        guard factor != 0 else { continue }
        for j in column..<rows { matrix[row, j] -= factor * matrix[column, j] }
        x[row] -= factor * x[column]
      }
    }
    for row in stride(from: rows - 1, through: 0, by: -1) {
      for j in row + 1..<max(rows, row + 1) { x[row] -= matrix[row, j] * x[j] }
      x[row] /= matrix[row, row]
    }
    return x
  }
}
