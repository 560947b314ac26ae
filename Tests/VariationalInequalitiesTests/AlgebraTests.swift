import LaminaNumerics
import Testing
import VariationalInequalities

@Suite struct AlgebraTests {
  @Test("Elimination solves random systems and refuses singular ones", arguments: [1, 2, 5, 20])
  func solve(size: Int) throws {
    let matrix = DenseMatrix.normal(rows: size, columns: size, key: RandomKey(seed: 1))
    let x = DenseMatrix.normal(rows: size, columns: 1, key: RandomKey(seed: 2)).values
    expectClose(try #require(matrix.solve(matrix.multiply(x))), x, within: 1e-9)
    var singular = matrix
    for j in 0..<size { singular[size - 1, j] = size == 1 ? 0 : singular[0, j] }
    #expect(singular.solve(x) == nil)
  }

  @Test("A zero on the diagonal is pivoted around")
  func pivot() throws {
    expectClose(try #require(DenseMatrix([[0, 2], [4, 0]]).solve([2, 4])), [1, 1], within: 1e-15)
  }

  @Test("Eigenvectors are orthonormal and rebuild the matrix", arguments: [1, 2, 6, 25])
  func eigen(size: Int) {
    let g = DenseMatrix.normal(rows: size, columns: size, key: RandomKey(seed: 3))
    let symmetric = g + g.transposed
    let eigen = SymmetricEigen(symmetric)
    #expect(eigen.values == eigen.values.sorted())
    expectClose((eigen.vectors.transposed * eigen.vectors).values, DenseMatrix.identity(size).values, within: 1e-12)
    expectClose(eigen.matrix { $0 }.values, symmetric.values, within: 1e-11)
    expectClose(eigen.matrix { $0 * $0 }.values, (symmetric * symmetric).values, within: 1e-9)
  }

  @Test("The spectral norm of known matrices")
  func spectralNorm() {
    #expect(abs(DenseMatrix([[3, 0], [0, -4]]).spectralNorm - 4) < 1e-12)
    #expect(abs(DenseMatrix([[3, 4]]).spectralNorm - 5) < 1e-12)
    #expect(DenseMatrix(rows: 2, columns: 3).spectralNorm == 0)
  }

  @Test("Products with vectors agree with products of matrices")
  func products() {
    let a = DenseMatrix.normal(rows: 3, columns: 5, key: RandomKey(seed: 4))
    let x = DenseMatrix.normal(rows: 5, columns: 1, key: RandomKey(seed: 5))
    let y = DenseMatrix.normal(rows: 3, columns: 1, key: RandomKey(seed: 6))
    expectClose(a.multiply(x.values), (a * x).values, within: 1e-14)
    expectClose(a.multiplyTransposed(y.values), (a.transposed * y).values, within: 1e-14)
  }

  @Test("The loops over vectors agree with their definitions at every remainder", arguments: 0..<20)
  func loops(count: Int) {
    let x = DenseMatrix.normal(rows: count, columns: 1, key: RandomKey(seed: 7)).values
    let y = DenseMatrix.normal(rows: count, columns: 1, key: RandomKey(seed: 8)).values
    let v = y.map(Float.init)
    #expect(abs(x.dot(y) - zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-12)
    #expect(abs(x.squaredDistance(to: y) - zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }) < 1e-12)
    #expect(abs(v.squaredNorm - v.reduce(0) { $0 + Double($1) * Double($1) }) < 1e-12)
    #expect(Point.difference(x, minus: 0.5, times: v) == zip(x, v).map { $0 - 0.5 * Double($1) })
    #expect(Point.sum(x, plus: 3, times: y) == zip(x, y).map { $0 + 3 * $1 })
    #expect(x.largestMagnitude == (x.map(abs).max() ?? 0))
  }

  @Test("The largest magnitude of a vector with a NaN is NaN, with an infinity infinite", arguments: [0, 3, 8, 12])
  func nonFinite(position: Int) {
    var x = Point(repeating: 1, count: 13)
    x[position] = -.infinity
    #expect(x.largestMagnitude == .infinity)
    x[position] = .nan
    #expect(x.largestMagnitude.isNaN)
  }
}
