import LaminaNumerics

extension Problem {
  /// A point at distance 1 from the solution, in a uniformly random direction, if a solution is known.
  ///
  /// - Parameter key: The name of the draw.
  /// - Returns: The same point for the same key, or nil if no solution is known.
  public func startAtUnitDistance(key: RandomKey) -> Point? {
    guard let solution, !solution.isEmpty else { return nil }
    var stream = RandomStream(key: key)
    let direction = solution.map { _ in stream.nextNormal() }
    return Point.sum(solution, plus: 1 / direction.squaredNorm.squareRoot(), times: direction)
  }
}
