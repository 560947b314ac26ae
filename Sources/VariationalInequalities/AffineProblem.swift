/// A monotone problem with the operator A(z) = M z + b on the whole space.
///
/// The gap is that of ``AffineGap`` on a ball around the solution.
public protocol AffineProblem: Problem {
  /// The operator.
  var affine: AffineOperator { get }

  /// The gap function, or nil if there is no unique solution to put it around.
  var affineGap: AffineGap? { get }
}

extension AffineProblem {
  /// The number of coordinates.
  public var dimension: Int { affine.dimension }

  /// M x + b, rounded once.
  ///
  /// - Parameter x: A point.
  /// - Returns: The value at `x`.
  public func evaluate(at x: Point) -> DualVector { affine(x).map(Float.init) }

  /// The restricted gap on a ball around the solution.
  ///
  /// - Parameter x: A point.
  /// - Returns: The gap, or nil if there is no unique solution.
  public func gap(at x: Point) -> Double? { affineGap?(x) }

  /// The root of the operator.
  public var solution: Point? { affineGap?.center }
}
