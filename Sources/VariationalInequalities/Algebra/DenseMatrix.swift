import LaminaNumerics

/// A small dense matrix in double precision, stored row by row.
///
/// Made for the closed forms of test problems: hundreds of rows, not thousands.
public struct DenseMatrix: Hashable, Sendable, Codable {
  /// The number of rows.
  public let rows: Int

  /// The number of columns.
  public let columns: Int

  /// The entries: row 0, row 1, …
  public private(set) var values: [Double]

  /// The matrix with the given entries.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - values: `rows`·`columns` entries, row by row.
  public init(rows: Int, columns: Int, values: [Double]) {
    precondition(rows >= 0 && columns >= 0, "A matrix has no negative sizes")
    precondition(values.count == rows * columns, "A matrix needs rows × columns entries")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// The matrix with the given rows.
  ///
  /// - Parameter rows: At least one row, all of equal length.
  public init(_ rows: [[Double]]) {
    precondition(!rows.isEmpty && rows.allSatisfy { $0.count == rows[0].count }, "Rows must have equal lengths")
    self.init(rows: rows.count, columns: rows[0].count, values: rows.flatMap { $0 })
  }

  /// The matrix of zeros.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  public init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, values: [Double](repeating: 0, count: rows * columns))
  }

  /// The identity.
  ///
  /// - Parameter size: The number of rows and columns.
  /// - Returns: Ones on the diagonal, zeros elsewhere.
  public static func identity(_ size: Int) -> DenseMatrix {
    var matrix = DenseMatrix(rows: size, columns: size)
    for i in 0..<size { matrix[i, i] = 1 }
    return matrix
  }

  /// A matrix of independent standard normal entries.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - key: The name of the draw.
  /// - Returns: The same matrix for the same key.
  public static func normal(rows: Int, columns: Int, key: RandomKey) -> DenseMatrix {
    var stream = RandomStream(key: key)
    return DenseMatrix(
      rows: rows, columns: columns, values: (0..<rows * columns).map { _ in stream.nextNormal() })
  }

  /// The entry in row `row` and column `column`.
  ///
  /// - Parameters:
  ///   - row: The row, from 0.
  ///   - column: The column, from 0.
  public subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The transpose.
  public var transposed: DenseMatrix {
    var result = DenseMatrix(rows: columns, columns: rows)
    for i in 0..<rows {
      for j in 0..<columns { result[j, i] = self[i, j] }
    }
    return result
  }

  /// M x.
  ///
  /// - Parameter x: As many coordinates as there are columns.
  /// - Returns: As many coordinates as there are rows.
  public func multiply(_ x: [Double]) -> [Double] {
    precondition(x.count == columns, "The vector must have a coordinate for each column")
    return [Double](unsafeUninitializedCapacity: rows) { result, initializedCount in
      values.withUnsafeBufferPointer { values in
        x.withUnsafeBufferPointer { x in
          for i in 0..<rows {
            let row = i * columns
            result[i] = sumInLanes(columns) { j in values[row + j] * x[j] }
          }
        }
      }
      initializedCount = rows
    }
  }

  /// Mᵀ x.
  ///
  /// - Parameter x: As many coordinates as there are rows.
  /// - Returns: As many coordinates as there are columns.
  public func multiplyTransposed(_ x: [Double]) -> [Double] {
    precondition(x.count == rows, "The vector must have a coordinate for each row")
    var result = [Double](repeating: 0, count: columns)
    values.withUnsafeBufferPointer { values in
      result.withUnsafeMutableBufferPointer { result in
        for i in 0..<rows {
          for j in 0..<columns { result[j] += values[i * columns + j] * x[i] }
        }
      }
    }
    return result
  }

  /// The product of two matrices.
  ///
  /// - Parameters:
  ///   - left: A matrix with as many columns as `right` has rows.
  ///   - right: The other factor.
  /// - Returns: `left`·`right`.
  public static func * (left: DenseMatrix, right: DenseMatrix) -> DenseMatrix {
    precondition(left.columns == right.rows, "The factors' inner sizes must agree")
    var result = DenseMatrix(rows: left.rows, columns: right.columns)
    for i in 0..<left.rows {
      for k in 0..<left.columns {
        let factor = left[i, k]
        for j in 0..<right.columns { result[i, j] += factor * right[k, j] }
      }
    }
    return result
  }

  /// The sum of two matrices of equal shape.
  ///
  /// - Parameters:
  ///   - left: A matrix.
  ///   - right: A matrix of the same shape.
  /// - Returns: The sum, entry by entry.
  public static func + (left: DenseMatrix, right: DenseMatrix) -> DenseMatrix {
    precondition(left.rows == right.rows && left.columns == right.columns, "The matrices must have one shape")
    return DenseMatrix(rows: left.rows, columns: left.columns, values: zip(left.values, right.values).map(+))
  }

  /// A multiple of a matrix.
  ///
  /// - Parameters:
  ///   - factor: The factor of every entry.
  ///   - matrix: The matrix.
  /// - Returns: The multiple.
  public static func * (factor: Double, matrix: DenseMatrix) -> DenseMatrix {
    DenseMatrix(rows: matrix.rows, columns: matrix.columns, values: matrix.values.map { factor * $0 })
  }

  /// Copies `block` into this matrix.
  ///
  /// - Parameters:
  ///   - block: The entries to copy.
  ///   - row: The row of the block's first entry.
  ///   - column: The column of the block's first entry.
  public mutating func place(_ block: DenseMatrix, row: Int, column: Int) {
    precondition(row + block.rows <= rows && column + block.columns <= columns, "The block must fit")
    for i in 0..<block.rows {
      for j in 0..<block.columns { self[row + i, column + j] = block[i, j] }
    }
  }
}
