public import LaminaNumerics

/// A level solver chosen by name: the closed list for command lines, plans and the C interface.
public enum AdaptationMethod: String, LevelSolver, Hashable, Codable, CaseIterable {
  /// The levels stay.
  case fixed
  /// ``CoordinateDescent``.
  case alq
  /// ``ProjectedGradient``.
  case alqGradient = "alq-gd"
  /// ``MultiplierSearch`` for levels without a zero.
  case amq
  /// ``MultiplierSearch`` for levels with a zero.
  case amqWithZero = "amq-zero"
  /// ``DynamicProgram``.
  case optimal
  /// ``LloydMax``.
  case lloyd

  /// ``alq``.
  public init() { self = .alq }

  /// Levels from which this method can start: exponential ones with multiplier ½, without a zero for ``amq``.
  ///
  /// - Parameter interiorCount: The number of magnitudes strictly between 0 and 1, from 0 to 126.
  /// - Returns: Levels of the form that the method keeps.
  public func startingLevels(interiorCount: Int) -> Levels {
    let levels = Levels.exponential(multiplier: 0.5, interiorCount: interiorCount)
    return self == .amq ? levels.mirroredWithoutZero() : levels
  }

  /// Fits levels to a law by the named method.
  ///
  /// - Parameters:
  ///   - levels: The levels in force.
  ///   - law: The law.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError`` if the method has no levels of this form; what is named is what is done, so ``amq``
  ///   refuses levels with a zero and ``amqWithZero`` those without.
  public func fit<Law: BoundedDistribution>(_ levels: Levels, to law: Law) throws(AdaptationError) -> Levels {
    switch self {
    case .fixed: return levels
    case .alq: return try CoordinateDescent().fit(levels, to: law)
    case .alqGradient: return try ProjectedGradient().fit(levels, to: law)
    case .amq:
      guard !levels.containZero else { throw .needsLevelsWithoutZero }
      return try MultiplierSearch().fit(levels, to: law)
    case .amqWithZero:
      guard levels.containZero else { throw .needsZeroLevel }
      return try MultiplierSearch().fit(levels, to: law)
    case .optimal: return try DynamicProgram().fit(levels, to: law)
    case .lloyd: return try LloydMax().fit(levels, to: law)
    }
  }
}

extension AdaptationMethod {
  /// Fits levels to pooled statistics by the named method; ``fixed`` needs none.
  ///
  /// - Parameters:
  ///   - levels: The levels in force.
  ///   - statistics: The pooled estimate.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError`` if nothing was observed, or the method has no levels of this form.
  public func adapt<Estimate: DistributionEstimate>(
    _ levels: Levels, to statistics: Estimate
  ) throws(AdaptationError) -> Levels {
    self == .fixed ? levels : try FittedLevels(solver: self).adapt(levels, to: statistics)
  }
}
