import LaminaNumerics

/// What one worker can ask of its problem: a stochastic dual vector at a point.
///
/// Law: g(x) = A(x) + U with E U = 0, independent over keys and over workers. All workers of a run are given the same
/// key; an oracle that draws random numbers folds in its rank, so that K workers draw independently.
public protocol Oracle {
  /// A dual vector at `x`.
  ///
  /// - Parameters:
  ///   - x: The point to query.
  ///   - key: The name of this query; the same key and point give the same vector.
  /// - Returns: As many coordinates as `x` has.
  mutating func sample(at x: Point, key: RandomKey) -> DualVector

  /// Replaces `x` by the nearest feasible point.
  ///
  /// - Parameter x: The point to project.
  func project(_ x: inout Point)
}

extension Oracle {
  /// Leaves `x` where it is: by default every point is feasible.
  ///
  /// - Parameter x: The point to project.
  public func project(_ x: inout Point) {}
}
