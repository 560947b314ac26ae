public import LaminaNumerics

/// ALQ-GD: all levels move down the gradient at once, each by less than half of the way to a neighbour.
///
/// ℓⱼ ← ℓⱼ − sign(g)·min(|rate·g|, ½·min(ℓⱼ − ℓⱼ₋₁, ℓⱼ₊₁ − ℓⱼ)), where g is half of ∂Ψ/∂ℓⱼ: the derivative under the
/// two-sided law over r ≥ 0, as in the released code of arXiv 2010.12460. The order of the levels is kept.
///
/// Derivatives shrink with the spread of the law, so that at the fixed rate .1 of the released code buckets of 1024
/// Gaussian coordinates were still at nearly twice the optimal variance after 10,000 steps. Here the rate grows by a
/// fifth with every step that lowers Ψ and is halved, and the step taken back, when one does not.
public struct ProjectedGradient: LevelSolver, Hashable {
  /// The first step size.
  public var rate: Double = 0.1
  /// The most steps.
  public var stepLimit: Int = 10_000
  /// Steps end when no level moves by more than this, relative to itself.
  public var tolerance: Double = 1e-9

  /// The defaults.
  public init() {}

  /// Fits levels to a law.
  ///
  /// - Parameters:
  ///   - levels: The levels in force, where the descent begins.
  ///   - law: The law.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError/needsSignedStatistics`` for asymmetric levels under a law of magnitudes.
  public func fit<Law: BoundedDistribution>(_ levels: Levels, to law: Law) throws(AdaptationError) -> Levels {
    let objective = try VarianceObjective(levels, law: law)
    var points = objective.form.points(of: levels)
    guard points.count > 2 else { return levels }
    var variance = objective.variance(points)
    var rate = rate
    for _ in 0..<stepLimit {
      var moved = points
      let change = step(&moved, objective, rate: rate)
      let reached = objective.variance(moved)
      if reached <= variance {
        (points, variance) = (moved, reached)
        rate *= 1.2
      } else {
        rate /= 2
      }
      if change <= tolerance { break }
    }
    return objective.form.levels(from: points)
  }

  /// Moves all free points once.
  ///
  /// - Returns: The largest relative change.
  private func step<Law: BoundedDistribution>(
    _ points: inout [Double], _ objective: VarianceObjective<Law>, rate: Double
  ) -> Double {
    let gradient = objective.gradient(points, objective.moments(points))
    let before = points
    var largest = 0.0
    for j in 1..<points.count - 1 {
      let below = objective.isReflected(j) ? 0 : before[j - 1]
      // A hair under one half, so that two neighbours that meet in the middle stay apart.
      let room = 0.499 * min(before[j] - below, before[j + 1] - before[j])
      let derivative = objective.form == .signed ? gradient[j - 1] : gradient[j - 1] / 2
      points[j] -= min(max(rate * derivative, -room), room)
      largest = max(largest, (points[j] - before[j]).magnitude / max(before[j].magnitude, 0x1p-30))
    }
    if objective.form == .withoutZero { points[0] = -points[1] }
    return largest
  }
}
