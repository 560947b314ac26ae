/// A point of the search space: the state of a solver is kept in double precision.
public typealias Point = [Double]

/// A value of the operator, A(x) or an estimate of it: what workers exchange is single precision.
public typealias DualVector = [Float]

/// A variational inequality: find x* with ⟨A(x*), x − x*⟩ ≥ 0 for every feasible x.
///
/// The operator A is monotone, ⟨A(x) − A(y), x − y⟩ ≥ 0, unless the problem says otherwise (arXiv 2505.14371,
/// Assumption 2.1). Minimisation is the case A = ∇f; for min over x and max over y of L(x, y), A = (∇ₓL, −∇ᵧL).
///
/// Laws: `evaluate` is a pure function; `project` is the Euclidean projection, hence idempotent; `gap` is 0 at a
/// solution and positive at feasible points that are none.
public protocol Problem: Sendable {
  /// The number of coordinates of a point.
  var dimension: Int { get }

  /// The operator A at `x`, computed in double precision and rounded once.
  ///
  /// - Parameter x: A point of `dimension` coordinates.
  /// - Returns: `dimension` coordinates.
  func evaluate(at x: Point) -> DualVector

  /// Replaces `x` by the nearest feasible point.
  ///
  /// - Parameter x: A point of `dimension` coordinates.
  func project(_ x: inout Point)

  /// The gap at `x`, a measure of how far `x` is from a solution, where it can be computed.
  ///
  /// - Parameter x: A point of `dimension` coordinates.
  /// - Returns: A number that is 0 at solutions and positive elsewhere, or nil if no closed form is known.
  func gap(at x: Point) -> Double?

  /// A solution x*, where one is known in closed form.
  var solution: Point? { get }
}

extension Problem {
  /// Leaves `x` where it is: by default every point is feasible.
  ///
  /// - Parameter x: A point of `dimension` coordinates.
  public func project(_ x: inout Point) {}

  /// No gap in closed form.
  ///
  /// - Parameter x: A point of `dimension` coordinates.
  /// - Returns: nil.
  public func gap(at x: Point) -> Double? { nil }

  /// No solution in closed form.
  public var solution: Point? { nil }
}
