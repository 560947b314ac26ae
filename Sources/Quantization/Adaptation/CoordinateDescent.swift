public import LaminaNumerics

/// ALQ-CD: each level in turn moves to its exact minimiser between its neighbours (arXiv 2010.12460, equation 8).
///
/// The expected variance never increases. Sweeps end when no level moves by more than `tolerance`, relative to itself;
/// since convergence is linear (60 to 80 sweeps to 1e-6 for 7 levels, more for more), a Newton iteration with the
/// tridiagonal Hessian takes over as soon as it succeeds, and is discarded where it does not, as on atoms.
///
/// *Complexity:* a sweep takes two queries of the law per level.
public struct CoordinateDescent: LevelSolver, Hashable {
  /// Where to begin.
  public enum Start: String, Hashable, Sendable, Codable, CaseIterable {
    /// The levels in force.
    case current
    /// Equally spaced levels.
    case uniform
    /// Powers of one half.
    case exponential
    /// Equal masses between neighbours.
    case quantiles
  }

  /// Where to begin; with several starts the best result is kept, the earlier one on a tie.
  ///
  /// The starts agree on smooth laws. On histograms with isolated values far out in the tail they may end in local minima
  /// up to 10 % apart, which ``DynamicProgram`` does not. The released code begins at the last three.
  public var starts: [Start] = [.current]
  /// Sweeps end when the largest relative change of a level is below this.
  public var tolerance: Double = 1e-7
  /// The most sweeps from each start.
  public var sweepLimit: Int = 300
  /// Whether Newton's iteration may finish what the sweeps began.
  public var finishesByNewton: Bool = true

  /// The defaults.
  public init() {}

  /// Fits levels to a law.
  ///
  /// - Parameters:
  ///   - levels: The levels in force.
  ///   - law: The law.
  /// - Returns: Levels of the same count and form; those in force where the law leaves no better place.
  /// - Throws: ``AdaptationError/needsSignedStatistics`` for asymmetric levels under a law of magnitudes.
  public func fit<Law: BoundedDistribution>(_ levels: Levels, to law: Law) throws(AdaptationError) -> Levels {
    let objective = try VarianceObjective(levels, law: law)
    let current = objective.form.points(of: levels)
    guard current.count > 2 else { return levels }
    var best: (points: [Double], variance: Double)?
    for start in starts.isEmpty ? [.current] : starts {
      guard var points = objective.start(start, current: current) else { continue }
      descend(&points, objective)
      let variance = objective.variance(points)
      if best.map({ variance < $0.variance }) ?? true { best = (points, variance) }
    }
    return objective.form.levels(from: best?.points ?? current)
  }

  /// Sweeps until nothing moves, with Newton's iteration tried after every 16 sweeps.
  func descend<Law: BoundedDistribution>(_ points: inout [Double], _ objective: VarianceObjective<Law>) {
    var moments = objective.moments(points)
    for sweep in 1...max(sweepLimit, 1) {
      let isDone = sweepOnce(&points, &moments, objective) < tolerance
      guard isDone || sweep % 16 == 0 else { continue }
      if finishesByNewton, objective.finishByNewton(&points, &moments) || isDone { return }
      if isDone { return }
    }
  }

  /// Moves every free point once.
  ///
  /// - Returns: The largest relative change.
  private func sweepOnce<Law: BoundedDistribution>(
    _ points: inout [Double], _ moments: inout [PartialMoments], _ objective: VarianceObjective<Law>
  ) -> Double {
    var largest = 0.0
    for j in 1..<points.count - 1 {
      guard let next = objective.coordinateMinimum(j, points, moments) else { continue }
      largest = max(largest, (next - points[j]).magnitude / max(next.magnitude, 0x1p-30))
      points[j] = next
      if objective.isReflected(j) { points[0] = -next }
      moments[j] = objective.law.moments(through: next)
    }
    return largest
  }
}

extension VarianceObjective {
  /// The points of a start with as many points as `current`, or nil if the law gives no increasing ones.
  package func start(_ start: CoordinateDescent.Start, current: [Double]) -> [Double]? {
    let lower = form == .signed ? -1.0 : 0
    let free = current.count - 2
    let inner: [Double]
    switch start {
    case .current: return current
    case .uniform: inner = (1...free).map { lower + (1 - lower) * Double($0) / Double(free + 1) }
    case .exponential where form == .signed:
      let half = (0..<free / 2).map { Double(sign: .plus, exponent: -$0 - 1, significand: 1) }
      inner = half.map { -$0 } + (free % 2 == 1 ? [0] : []) + half.reversed()
    case .exponential: inner = (1...free).map { Double(sign: .plus, exponent: $0 - free - 1, significand: 1) }
    case .quantiles: inner = (1...free).map { law.quantile(Double($0) / Double(free + 1)) }
    }
    let points = [form == .withoutZero ? -inner[0] : lower] + inner + [1]
    return zip(points, points.dropFirst()).allSatisfy { $0 < $1 } ? points : nil
  }
}
