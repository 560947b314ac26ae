public import LaminaNumerics

/// The global optimum of the expected variance on a sample or a histogram: the oracle for all other methods.
///
/// With its neighbours fixed, Ψ is convex and piecewise linear in a level between sample points, so some optimum has all
/// interior levels at sample points; only ℓ₁ of levels without a zero, whose centre bin makes Ψ quadratic in it, is
/// sought between the points too. The cost of a bin satisfies the Monge inequality, hence the best predecessor of a
/// point increases with the point, and divide and conquer finds all of them ("QUIVER", arXiv 2402.03158, solves the same
/// problem).
///
/// Fitted to a law, it works on the masses and means of the law in the bins of ``Histogram``, and then lets
/// ``CoordinateDescent`` move the levels inside of their bins.
///
/// *Complexity:* O(α n log n) time and O(α n) memory for α interior levels and n points.
public struct DynamicProgram: LevelSolver, Hashable {
  /// The method; it has no settings.
  public init() {}

  /// Fits levels to a law.
  ///
  /// - Parameters:
  ///   - levels: The levels in force; only their count and form matter.
  ///   - law: The law.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError/needsSignedStatistics`` for asymmetric levels under a law of magnitudes.
  public func fit<Law: BoundedDistribution>(_ levels: Levels, to law: Law) throws(AdaptationError) -> Levels {
    let objective = try VarianceObjective(levels, law: law)
    guard objective.form.points(of: levels).count > 2 else { return levels }
    var program = LevelProgram(form: objective.form, atoms: DynamicProgram.atoms(of: law))
    var points = program.solve(interiorCount: objective.form.points(of: levels).count - 2)
    let onBins = objective.variance(points)
    var moved = points
    CoordinateDescent().descend(&moved, objective)
    if objective.variance(moved) < onBins { points = moved }
    return objective.form.levels(from: points)
  }

  /// Fits levels to a sample, exactly.
  ///
  /// - Parameters:
  ///   - levels: The levels in force; only their count and form matter. Signed levels without a zero that are symmetric
  ///     are fitted to the magnitudes of the sample.
  ///   - sample: Normalised coordinates and their weights; coordinates from −1 to 1, weights positive and finite.
  /// - Returns: Levels of the same count and form, the interior ones at sample points as far as these are enough.
  /// - Throws: ``AdaptationError/noObservations`` if the sample is empty.
  public func fit(
    _ levels: Levels, toSample sample: [(coordinate: Double, weight: Double)]
  ) throws(AdaptationError) -> Levels {
    guard !sample.isEmpty else { throw .noObservations }
    let form = try LevelForm(levels, lawIsSigned: levels.areSigned && !levels.areSymmetric)
    let interior = form.points(of: levels).count - 2
    guard interior > 0 else { return levels }
    let atoms = sample.map { (place: form == .signed ? $0.coordinate : $0.coordinate.magnitude, weight: $0.weight) }
    var program = LevelProgram(form: form, atoms: atoms.sorted { $0.place < $1.place })
    return form.levels(from: program.solve(interiorCount: interior))
  }

  /// The mass of each histogram bin, at its mean.
  private static func atoms<Law: BoundedDistribution>(of law: Law) -> [(place: Double, weight: Double)] {
    let magnitudes = (1...HistogramBins.count).map(HistogramBins.edge)
    let isSigned = law.bounds.lowerBound < 0
    let edges = isSigned ? magnitudes.reversed().map { -$0 } + [0] + magnitudes : [0] + magnitudes
    var atoms: [(place: Double, weight: Double)] = []
    var below = PartialMoments(mass: 0, mean: 0)
    for edge in edges {
      let through = law.moments(through: edge)
      let part = through - below
      if part.mass > 0 { atoms.append((min(part.mean / part.mass, edge), part.mass)) }
      below = through
    }
    // Means of nearly empty bins may be out of order by rounding.
    return atoms.sorted { $0.place < $1.place }
  }
}
