public import LaminaNumerics

/// The Lloyd-Max codebook: centroids that minimise the mean squared error of nearest rounding ("LloydALQ").
///
/// Some descriptions present ALQ as this codebook. It is another objective: nearest rounding is biased, and stochastic
/// rounding between the centroids has a variance above that of ALQ's levels. As a level solver it gives the unbiased
/// mode, stochastic rounding between adjacent centroids with the ends of the law added as levels.
public struct LloydMax: LevelSolver, Hashable {
  /// Iterations end when the distortion falls by less than this, relative to itself.
  public var tolerance: Double = 1e-6
  /// The most iterations.
  public var iterationLimit: Int = 50

  /// The defaults.
  public init() {}

  /// The interior levels become centroids; for levels without a zero, those of the magnitudes.
  ///
  /// - Parameters:
  ///   - levels: The levels in force; only their count and form matter.
  ///   - law: The law.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError/needsSignedStatistics`` for asymmetric levels under a law of magnitudes.
  public func fit<Law: BoundedDistribution>(_ levels: Levels, to law: Law) throws(AdaptationError) -> Levels {
    let form = try LevelForm(levels, lawIsSigned: law.bounds.lowerBound < 0)
    let points = form.points(of: levels)
    guard points.count > 2 else { return levels }
    let centroids = codebook(count: points.count - 2, for: law).centroids
    return form.levels(from: [form == .withoutZero ? -centroids[0] : points[0]] + centroids + [1])
  }

  /// The codebook of a law, from centroids at its quantiles (j + ½)/n.
  ///
  /// - Parameters:
  ///   - count: n, at least 1.
  ///   - law: Any bounded law.
  /// - Returns: Centroids and distortion; each iteration lowers the distortion or ends.
  public func codebook<Law: BoundedDistribution>(count: Int, for law: Law) -> LloydCodebook {
    precondition(count >= 1, "A codebook has at least one centroid")
    let start = (0..<count).map { law.quantile((Double($0) + 0.5) / Double(count)) }
    var best = LloydCodebook(centroids: start, law: law)
    for _ in 0..<iterationLimit {
      let next = LloydCodebook(centroids: best.improved(under: law), law: law)
      guard next.distortion < best.distortion else { break }
      let fall = best.distortion - next.distortion
      best = next
      if fall < tolerance * best.distortion { break }
    }
    return best
  }
}

/// Centroids, and what nearest rounding to them costs.
///
/// At a fixed point of the iteration E[r | Q] = Q, hence the distortion is E r² − E Q².
public struct LloydCodebook: Hashable, Sendable {
  /// In increasing order.
  public let centroids: [Double]
  /// E (r − Q(r))².
  public let distortion: Double

  /// The codebook with these centroids.
  init<Law: BoundedDistribution>(centroids: [Double], law: Law) {
    self.centroids = centroids
    var sum = CompensatedSum(law.secondMoment)
    for (centroid, cell) in zip(centroids, LloydCodebook.cells(centroids, law)) {
      sum += centroid * (centroid * cell.mass - 2 * cell.mean)
    }
    distortion = max(0, sum.value)
  }

  /// The boundaries between cells: the middles of neighbours.
  public var boundaries: [Double] { zip(centroids, centroids.dropFirst()).map { ($0 + $1) / 2 } }

  /// The index of the centroid nearest to `r`; of two equally near ones, the lower.
  ///
  /// - Parameter r: Any number.
  /// - Returns: An index into ``centroids``.
  public func index(nearestTo r: Double) -> Int { boundaries.firstIndex(ofSorted: { r <= $0 }) }

  /// The probability of each centroid.
  ///
  /// - Parameter law: The law of r.
  /// - Returns: As many probabilities as centroids; they sum to 1.
  public func probabilities<Law: BoundedDistribution>(under law: Law) -> [Double] {
    LloydCodebook.cells(centroids, law).map(\.mass)
  }

  /// The means of the cells; an empty cell takes half of the cell of largest distortion.
  func improved<Law: BoundedDistribution>(under law: Law) -> [Double] {
    var means: [Double] = []
    for cell in LloydCodebook.cells(centroids, law) where cell.mass > 0 { means.append(cell.mean / cell.mass) }
    while means.count < centroids.count {
      guard let (index, halves) = LloydCodebook.split(means, law) else { return centroids }
      means.replaceSubrange(index...index, with: halves)
    }
    return zip(means, means.dropFirst()).allSatisfy { $0 < $1 } ? means : centroids
  }

  /// The cell to split, and the means of its two halves; nil if no cell has any spread.
  ///
  /// The distortion of a cell is judged by its lower bound (E|r − c|; cell)²/mass, which partial moments give.
  private static func split<Law: BoundedDistribution>(_ means: [Double], _ law: Law) -> (Int, [Double])? {
    var worst: (index: Int, cost: Double, halves: [Double])?
    var below = PartialMoments(mass: 0, mean: 0)
    for (index, mean) in means.enumerated() {
      let end = index + 1 < means.count ? (mean + means[index + 1]) / 2 : law.bounds.upperBound
      let (middle, through) = (law.moments(through: mean), law.moments(through: end))
      let (left, right) = (middle - below, through - middle)
      below = through
      guard left.mass > 0, right.mass > 0 else { continue }
      let spread = (mean * left.mass - left.mean) + (right.mean - mean * right.mass)
      let cost = spread * spread / (left.mass + right.mass)
      guard cost > worst?.cost ?? 0 else { continue }
      worst = (index, cost, [left.mean / left.mass, right.mean / right.mass])
    }
    return worst.map { ($0.index, $0.halves) }
  }

  /// The moments of the cells of nearest rounding.
  private static func cells<Law: BoundedDistribution>(_ centroids: [Double], _ law: Law) -> [PartialMoments] {
    let ends = zip(centroids, centroids.dropFirst()).map { law.moments(through: ($0 + $1) / 2) }
    let through = ends + [law.moments(through: law.bounds.upperBound)]
    return zip(through, [PartialMoments(mass: 0, mean: 0)] + ends).map { $0 - $1 }
  }
}
