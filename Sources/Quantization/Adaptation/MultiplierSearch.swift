public import LaminaNumerics
import RealModule

/// AMQ: the best multiplier p of exponential levels 0 (or no zero), pˢ, …, p, 1 (arXiv 2010.12460).
///
/// The default minimises the whole expected variance Ψ(p): a grid of 64 multipliers, then Brent's method between the
/// neighbours of the best. The released procedure, 40 gradient steps from 8 starts of which a cost without the centre
/// bin picks one, can end up to 2.2 times above the optimum for large buckets; it is kept for comparison.
public struct MultiplierSearch: LevelSolver, Hashable {
  /// How p is sought.
  public enum Procedure: String, Hashable, Sendable, Codable, CaseIterable {
    /// Grid and Brent on the exact objective.
    case minimised
    /// p ← p − .7·½Ψ′(p), 40 steps, starts .1 to .6, .8 and .9, as released.
    case released
  }

  /// How p is sought.
  public var procedure: Procedure = .minimised

  /// The defaults.
  public init() {}

  /// Fits the multiplier to a law.
  ///
  /// - Parameters:
  ///   - levels: The levels in force; only their count and form matter.
  ///   - law: The law of magnitudes.
  /// - Returns: The levels 0 (unless the form has none), pˢ, …, p, 1; `levels` themselves if s is 0.
  /// - Throws: ``AdaptationError/needsSymmetricLevels`` for signed levels that are free on both sides.
  public func fit<Law: BoundedDistribution>(_ levels: Levels, to law: Law) throws(AdaptationError) -> Levels {
    guard let found = try multiplier(for: levels, under: law) else { return levels }
    let form = try LevelForm(levels, lawIsSigned: false)
    return form.levels(from: MultiplierObjective<Law>.points(found, powers: form.points(of: levels).count - 2, form))
  }

  /// The multiplier itself.
  ///
  /// - Parameters:
  ///   - levels: Levels of the count and form wanted.
  ///   - law: The law of magnitudes.
  /// - Returns: p, or nil for levels with nothing between 0 and 1.
  /// - Throws: ``AdaptationError/needsSymmetricLevels`` for signed levels that are free on both sides.
  public func multiplier<Law: BoundedDistribution>(
    for levels: Levels, under law: Law
  ) throws(AdaptationError) -> Double? {
    guard law.bounds.lowerBound >= 0, !levels.areSigned || levels.areSymmetric else { throw .needsSymmetricLevels }
    let form = try LevelForm(levels, lawIsSigned: false)
    let powers = form.points(of: levels).count - 2
    guard powers > 0 else { return nil }
    let objective = MultiplierObjective(VarianceObjective(law: law, form: form), powers: powers)
    return procedure == .minimised ? objective.minimum() : objective.releasedMinimum()
  }
}

/// Ψ as a function of the multiplier.
package struct MultiplierObjective<Law: BoundedDistribution> {
  let base: VarianceObjective<Law>
  /// s, the number of powers of p below 1.
  let powers: Int

  package init(_ base: VarianceObjective<Law>, powers: Int) {
    self.base = base
    self.powers = powers
  }

  static func points(_ p: Double, powers: Int, _ form: LevelForm) -> [Double] {
    let positive = (0...powers).map { Double.pow(p, $0) }.reversed()
    return [form == .withoutZero ? -Double.pow(p, powers) : 0] + positive
  }

  /// Ψ(p).
  package func variance(_ p: Double) -> Double {
    base.variance(MultiplierObjective.points(p, powers: powers, base.form))
  }

  /// Ψ′(p), in closed form.
  package func derivative(_ p: Double) -> Double {
    let inner = base.law.moments(through: Double.pow(p, powers))
    let s = Double(powers)
    var sum =
      base.form == .withoutZero
      ? 2 * s * Double.pow(p, 2 * powers - 1) * inner.mass : s * Double.pow(p, powers - 1) * inner.mean
    for j in 0..<powers {
      let (low, high) = (Double.pow(p, j + 1), Double.pow(p, j))
      let part = base.law.moments(through: high) - base.law.moments(through: low)
      let rise = Double(j) * (j == 0 ? 0 : Double.pow(p, j - 1)) + Double(j + 1) * high
      sum += rise * part.mean - Double(2 * j + 1) * Double.pow(p, 2 * j) * part.mass
    }
    return sum
  }

  /// The best p: of a grid that is logarithmic in −ln p, from 2⁻²⁰ to .99, and then between its neighbours.
  func minimum() -> Double {
    let (first, last) = (-Double.log(0.99), min(20 * Double.log(2), 80 / Double(powers)))
    let grid = (0..<64).map { Double.exp(-first * Double.pow(last / first, Double($0) / 63)) }
    let values = grid.map(variance)
    let best = values.indices.min { values[$0] < values[$1] } ?? 0
    // The grid decreases, so the neighbour above comes before.
    let bracket = grid[min(best + 1, 63)]...grid[max(best - 1, 0)]
    let found = brentMinimum(in: bracket, of: variance)
    return found.value <= values[best] ? found.point : grid[best]
  }

  /// The procedure of the released code, its cost without the centre bin included.
  func releasedMinimum() -> Double {
    var best: (p: Double, cost: Double)?
    for start in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 0.9] {
      var p = start
      for _ in 0..<40 { p = min(max(p - 0.7 * derivative(p) / 2, 1e-3), 0.99) }
      let cost = costWithoutCentre(p)
      if best.map({ cost < $0.cost }) ?? true { best = (p, cost) }
    }
    return min(max(best?.p ?? 0.5, Double.exp(-80 / Double(powers))), 0.99)
  }

  private func costWithoutCentre(_ p: Double) -> Double {
    (0..<powers).reduce(0) { sum, j in
      let (low, high) = (Double.pow(p, j + 1), Double.pow(p, j))
      let part = base.law.moments(through: high) - base.law.moments(through: low)
      // ∫ (high − r)(r − low) dF without its −r², which the sum over bins turns into −∫ r² dF from pˢ to 1.
      return sum + (low + high) * part.mean - low * high * part.mass
    } - outerSecondMoment(from: Double.pow(p, powers))
  }

  /// ∫ r² dF above `start`, by parts: 1 − start²F(start) − 2∫ r F(r) dr, by Simpson's rule in ln r.
  private func outerSecondMoment(from start: Double) -> Double {
    let width = -Double.log(start) / 256
    var integral = 0.0
    for index in 0...256 {
      let r = Double.exp(-width * Double(index))
      let weight = index == 0 || index == 256 ? 1.0 : (index % 2 == 1 ? 4 : 2)
      integral += weight * r * r * base.law.cumulative(r)
    }
    return 1 - start * start * base.law.cumulative(start) - 2 * integral * width / 3
  }
}
