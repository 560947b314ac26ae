public import LaminaNumerics

/// A level adaptation put together from names: what a command line or a plan asks for.
///
/// Inside of the library, generic types such as `ALQ<Histogram>` say the same and are specialised.
public struct NamedAdaptation: LevelAdaptation, Hashable, Codable {
  /// How levels are fitted.
  public var method: AdaptationMethod
  /// What is estimated of the law.
  public var model: EstimateModel
  /// How much a bucket counts.
  public var weighting: NormWeighting
  /// What the statistics keep; `.signed` lets signed levels become asymmetric (ALQ-NA).
  public var support: CoordinateSupport

  /// An adaptation by names.
  ///
  /// - Parameters:
  ///   - method: How levels are fitted.
  ///   - model: What is estimated of the law.
  ///   - weighting: How much a bucket counts.
  ///   - support: What the statistics keep.
  public init(
    method: AdaptationMethod, model: EstimateModel = .histogram, weighting: NormWeighting = .squaredNorm,
    support: CoordinateSupport = .magnitudes
  ) {
    self.method = method
    self.model = model
    self.weighting = weighting
    self.support = support
  }

  /// Empty statistics of the model; nothing is kept for fixed levels.
  public func emptyStatistics() -> ChosenEstimate { emptyStatistics(key: RandomKey(seed: 0)) }

  /// Empty statistics of the model, with a name for the rounding of moments.
  ///
  /// - Parameter key: Different for every worker and level update; only ``EstimateModel/moments`` uses it.
  /// - Returns: A value to observe buckets with.
  public func emptyStatistics(key: RandomKey) -> ChosenEstimate {
    guard method != .fixed else { return .nothing }
    switch model {
    case .histogram: return .histogram(Histogram(weighting: weighting, support: support))
    case .normalMixture: return .normalMixture(NormalMixture(weighting: weighting, support: support))
    case .pooledNormal: return .pooledNormal(PooledNormal(weighting: weighting, support: support))
    case .moments:
      var configuration = MomentStatistics.Configuration()
      configuration.key = key
      return .moments(MomentStatistics(configuration, support: support))
    }
  }

  /// Fits the levels to the estimate.
  ///
  /// - Parameters:
  ///   - levels: The levels in force.
  ///   - statistics: The pooled estimate.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError`` if nothing was observed, or the method has no levels of this form.
  public func adapt(_ levels: Levels, to statistics: ChosenEstimate) throws(AdaptationError) -> Levels {
    // One switch per update, not one per query of the law.
    switch statistics {
    case .nothing where method == .fixed: return levels
    case .nothing: throw .noObservations
    case .histogram(let estimate): return try method.adapt(levels, to: estimate)
    case .normalMixture(let estimate): return try method.adapt(levels, to: estimate)
    case .pooledNormal(let estimate): return try method.adapt(levels, to: estimate)
    case .moments(let estimate): return try method.adapt(levels, to: estimate)
    }
  }
}
