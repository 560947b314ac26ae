public import LaminaNumerics

/// A method that fits levels to a known law: the half of a level adaptation that does not know where the law came from.
///
/// *Laws:* the result has the count and the form of the levels given, and is a pure function of both arguments.
public protocol LevelSolver: Sendable {
  /// The method with its default settings.
  init()

  /// Fits levels to a law.
  ///
  /// - Parameters:
  ///   - levels: The levels in force; they set the count and the form, and start iterations.
  ///   - law: The law of magnitudes on 0...1; or, for signed levels that are free on both sides, of signed coordinates
  ///     on −1...1. Signed levels under a law of magnitudes must be symmetric, and stay so.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError`` if the method has no levels of this form.
  func fit<Law: BoundedDistribution>(_ levels: Levels, to law: Law) throws(AdaptationError) -> Levels
}

/// A solver applied to an estimate of the law: ``ALQ``, ``AMQ`` and the others are such pairs.
public struct FittedLevels<Solver: LevelSolver, Estimate: DistributionEstimate>: LevelAdaptation {
  /// The method.
  public var solver: Solver
  /// How much a bucket counts.
  public var weighting: NormWeighting
  /// What the statistics keep; ask for `.signed` to let signed levels become asymmetric (ALQ-NA).
  public var support: CoordinateSupport

  /// A solver and the configuration of its statistics.
  ///
  /// - Parameters:
  ///   - solver: The method.
  ///   - weighting: How much a bucket counts.
  ///   - support: What the statistics keep.
  public init(
    solver: Solver = Solver(), weighting: NormWeighting = .squaredNorm, support: CoordinateSupport = .magnitudes
  ) {
    self.solver = solver
    self.weighting = weighting
    self.support = support
  }

  /// Empty statistics with this weighting and support.
  public func emptyStatistics() -> Estimate { Estimate(weighting: weighting, support: support) }

  /// Fits the levels to the estimated law.
  ///
  /// - Parameters:
  ///   - levels: The levels in force.
  ///   - statistics: The pooled estimate.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError`` if nothing was observed, or the solver has no levels of this form.
  public func adapt(_ levels: Levels, to statistics: Estimate) throws(AdaptationError) -> Levels {
    try solver.fit(levels, to: statistics.distribution(on: levels.areSigned ? statistics.support : .magnitudes))
  }
}

/// Adaptive levels by coordinate descent (ALQ-CD, arXiv 2010.12460).
public typealias ALQ<Estimate: DistributionEstimate> = FittedLevels<CoordinateDescent, Estimate>

/// Adaptive levels by projected gradient (ALQ-GD).
public typealias ALQGradient<Estimate: DistributionEstimate> = FittedLevels<ProjectedGradient, Estimate>

/// One adaptive multiplier of exponential levels (AMQ, arXiv 2010.12460).
public typealias AMQ<Estimate: DistributionEstimate> = FittedLevels<MultiplierSearch, Estimate>

/// The global optimum of the expected variance, by dynamic programming.
public typealias OptimalLevels<Estimate: DistributionEstimate> = FittedLevels<DynamicProgram, Estimate>

/// The centroids of the Lloyd-Max codebook as levels, the unbiased mode of LloydALQ.
public typealias LloydLevels<Estimate: DistributionEstimate> = FittedLevels<LloydMax, Estimate>
