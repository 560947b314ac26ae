/// The restricted gap of an affine monotone operator on a ball around a solution.
///
/// Gap(ẑ) = max { ⟨A(z), ẑ − z⟩ : ‖z − z*‖ ≤ D } with A(z) = M(z − z*). With e = ẑ − z*, h = z − z* and S the symmetric
/// part of M this is max { hᵀMᵀe − hᵀSh : ‖h‖ ≤ D }: D‖Mᵀe‖ for a skew M, a trust-region problem with
/// h = ½(S + λI)⁻¹Mᵀe otherwise. It is positive for ẑ ≠ z*, inside the ball, if M is regular.
public struct AffineGap: Sendable {
  /// z*, the center of the ball.
  public let center: Point

  /// D, the radius of the ball.
  public let radius: Double

  private let matrix: DenseMatrix
  private let symmetricPart: SymmetricEigen?

  /// The gap of `affine` on the ball of `radius` around its root.
  ///
  /// - Parameters:
  ///   - affine: A monotone operator.
  ///   - center: A point where it vanishes.
  ///   - radius: D > 0.
  /// - Complexity: O(d³) unless the operator is skew.
  public init(of affine: AffineOperator, center: Point, radius: Double) {
    precondition(radius > 0 && radius.isFinite, "The gap's ball must have a positive radius")
    precondition(center.count == affine.dimension, "The center must be a point of the space")
    self.center = center
    self.radius = radius
    self.matrix = affine.matrix
    let symmetric = 0.5 * (affine.matrix + affine.matrix.transposed)
    self.symmetricPart = symmetric.values.allSatisfy { $0 == 0 } ? nil : SymmetricEigen(symmetric)
  }

  /// The gap at `point`.
  ///
  /// - Parameter point: ẑ.
  /// - Returns: A number that is not negative.
  /// - Complexity: O(d²).
  public func callAsFunction(_ point: Point) -> Double {
    let error = Point.sum(point, plus: -1, times: center)
    let linear = matrix.multiplyTransposed(error)
    guard let eigen = symmetricPart else { return radius * linear.squaredNorm.squareRoot() }
    // In the eigenvectors' coordinates the problem is a sum over coordinates, tied by λ alone.
    let c = eigen.vectors.multiplyTransposed(linear)
    // S is positive semidefinite: eigenvalues below zero are rounding.
    let s = eigen.values.map { max($0, 0) }
    let length = c.squaredNorm.squareRoot()
    guard length > 0 else { return 0 }
    let lambda = Self.multiplier(c, s, radius: radius, length: length)
    var value = 0.0
    for i in c.indices where c[i] != 0 {
      let h = c[i] / (2 * (s[i] + lambda))
      value += h * c[i] - s[i] * h * h
    }
    return max(value, 0)
  }

  /// The smallest λ ≥ 0 with ‖½(S + λI)⁻¹c‖ ≤ D; the norm falls in λ and is at most ‖c‖/2λ.
  private static func multiplier(_ c: [Double], _ s: [Double], radius: Double, length: Double) -> Double {
    func isInside(_ lambda: Double) -> Bool {
      var square = 0.0
      for i in c.indices where c[i] != 0 {
        let h = c[i] / (2 * (s[i] + lambda))
        square += h * h
      }
      return square <= radius * radius
    }
    if isInside(0) { return 0 }
    var low = 0.0
    var high = length / (2 * radius)
    for _ in 0..<200 {
      let middle = 0.5 * (low + high)
      guard middle > low && middle < high else { break }
      if isInside(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
