/// A closed convex set with its exact Euclidean projection.
public indirect enum FeasibleSet: Hashable, Sendable {
  /// Every point.
  case everything
  /// Bounds for each coordinate; an infinite bound is none.
  case box(lower: [Double], upper: [Double])
  /// The points within `radius` of `center`.
  case ball(center: Point, radius: Double)
  /// Non-negative coordinates with the given positive sum.
  case simplex(total: Double)
  /// One set after the other, each over its own coordinates.
  case product([Factor])

  /// A set and the number of coordinates it is over.
  public struct Factor: Hashable, Sendable {
    /// The set.
    public let set: FeasibleSet
    /// The number of coordinates.
    public let dimension: Int

    /// A factor of a product.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - dimension: The number of coordinates.
    public init(_ set: FeasibleSet, dimension: Int) {
      precondition(dimension >= 0, "A dimension must not be negative")
      self.set = set
      self.dimension = dimension
    }
  }

  /// Replaces `x` by the nearest point of the set.
  ///
  /// - Parameter x: A point of the set's dimension.
  /// - Complexity: O(d log d) for simplices, O(d) otherwise.
  public func project(_ x: inout Point) {
    switch self {
    case .everything: break
    case .box(let lower, let upper):
      precondition(lower.count == x.count && upper.count == x.count, "A box needs two bounds for each coordinate")
      for i in x.indices {
        precondition(lower[i] <= upper[i], "A lower bound lies above the upper one")
        x[i] = min(max(x[i], lower[i]), upper[i])
      }
    case .ball(let center, let radius):
      precondition(radius >= 0, "A radius must not be negative")
      let distance = x.squaredDistance(to: center).squareRoot()
      guard distance > radius else { return }
      for i in x.indices { x[i] = center[i] + (x[i] - center[i]) * (radius / distance) }
    case .simplex(let total):
      Self.projectOnSimplex(&x, total: total)
    case .product(let factors):
      precondition(factors.reduce(0) { $0 + $1.dimension } == x.count, "The factors must cover all coordinates")
      var position = 0
      for factor in factors {
        var part = Point(x[position..<position + factor.dimension])
        factor.set.project(&part)
        x.replaceSubrange(position..<position + factor.dimension, with: part)
        position += factor.dimension
      }
    }
  }

  /// The nearest point is max(x − θ, 0), with the θ that gives the right sum; the largest coordinates decide θ.
  private static func projectOnSimplex(_ x: inout Point, total: Double) {
    precondition(total > 0, "The coordinates of a simplex have a positive sum")
    precondition(!x.isEmpty, "A simplex has at least one coordinate")
    var sum = 0.0
    var threshold = 0.0
    for (index, value) in x.sorted(by: >).enumerated() {
      sum += value
      let candidate = (sum - total) / Double(index + 1)
      guard value > candidate else { break }
      threshold = candidate
    }
    for i in x.indices { x[i] = max(x[i] - threshold, 0) }
  }
}
