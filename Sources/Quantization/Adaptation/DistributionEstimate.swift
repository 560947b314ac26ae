public import LaminaNumerics

/// How much a bucket counts in pooled statistics, as a function of its norm.
public enum NormWeighting: UInt8, Hashable, Sendable, Codable, CaseIterable {
  /// ‖v‖², which makes the objective the expected variance itself: ALQ and AMQ.
  case squaredNorm = 0
  /// ‖v‖, as in the released code of arXiv 2010.12460.
  case norm = 1
  /// 1 for every bucket, the normalised variants: ALQ-N and AMQ-N.
  case unweighted = 2

  /// The weight of a bucket.
  ///
  /// - Parameter norm: ‖v‖, finite and not negative.
  /// - Returns: ‖v‖², ‖v‖ or 1.
  public func weight(ofNorm norm: Float) -> Double {
    switch self {
    case .squaredNorm: Double(norm) * Double(norm)
    case .norm: Double(norm)
    case .unweighted: 1
    }
  }
}

/// The numbers whose law is estimated.
public enum CoordinateSupport: UInt8, Hashable, Sendable, Codable, CaseIterable {
  /// |v|/‖v‖ on [0, 1].
  case magnitudes = 0
  /// v/‖v‖ on [−1, 1], for levels that are free on both sides (ALQ-NA).
  case signed = 1
}

/// Statistics that estimate the law of normalised coordinates, F̃ of arXiv 2505.14371 and 2010.12460.
///
/// Conformers: ``Histogram`` (the default; it fits any law), ``NormalMixture`` (one truncated normal per bucket),
/// ``PooledNormal`` (one truncated normal in all) and ``MomentStatistics`` (running moments, themselves quantized).
public protocol DistributionEstimate: SufficientStatistics, Codable {
  /// The law, with whatever makes its integrals fast computed once.
  associatedtype Distribution: BoundedDistribution

  /// Empty statistics.
  ///
  /// - Parameters:
  ///   - weighting: How much a bucket counts.
  ///   - support: Magnitudes, or signed coordinates.
  init(weighting: NormWeighting, support: CoordinateSupport)

  /// What these statistics keep.
  var support: CoordinateSupport { get }

  /// The estimated law on `support`; signed statistics also give the law of magnitudes.
  ///
  /// - Parameter support: The law of |r| or of r.
  /// - Returns: A law with bounds 0...1 or −1...1.
  /// - Throws: ``AdaptationError/noObservations`` if nothing was observed, ``AdaptationError/needsSignedStatistics`` if
  ///   these statistics have lost the signs.
  func distribution(on support: CoordinateSupport) throws(AdaptationError) -> Distribution
}

extension DistributionEstimate {
  /// The estimated law on the support that these statistics keep.
  ///
  /// - Returns: A law with bounds 0...1 or −1...1.
  /// - Throws: ``AdaptationError/noObservations`` if nothing was observed.
  public func distribution() throws(AdaptationError) -> Distribution { try distribution(on: support) }
}
