public import LaminaNumerics

/// An estimate of the law of coordinates, chosen by name.
public enum EstimateModel: String, Hashable, Sendable, Codable, CaseIterable {
  /// ``Histogram``.
  case histogram
  /// ``NormalMixture``.
  case normalMixture = "normal-mixture"
  /// ``PooledNormal``.
  case pooledNormal = "pooled-normal"
  /// ``MomentStatistics``.
  case moments
}

/// One of the estimates, for callers that know which only at run time; `nothing` where the levels are fixed.
public enum ChosenEstimate: Hashable, Sendable, Codable {
  case nothing
  case histogram(Histogram)
  case normalMixture(NormalMixture)
  case pooledNormal(PooledNormal)
  case moments(MomentStatistics)
}

extension ChosenEstimate: DistributionEstimate {
  /// An empty histogram of magnitudes, weighted by squared norms.
  public init() { self = .histogram(Histogram()) }

  /// An empty histogram.
  ///
  /// - Parameters:
  ///   - weighting: How much a bucket counts.
  ///   - support: Magnitudes, or signed coordinates.
  public init(weighting: NormWeighting, support: CoordinateSupport) {
    self = .histogram(Histogram(weighting: weighting, support: support))
  }

  /// What the chosen estimate keeps; magnitudes for none.
  public var support: CoordinateSupport {
    switch self {
    case .nothing: .magnitudes
    case .histogram(let estimate): estimate.support
    case .normalMixture(let estimate): estimate.support
    case .pooledNormal(let estimate): estimate.support
    case .moments(let estimate): estimate.support
    }
  }

  /// Adds one bucket.
  public mutating func observe(_ unit: Span<Float>, norm: Float) {
    // The payload is taken out while it changes, so that its storage is not shared and hence not copied.
    let taken = self
    self = .nothing
    switch consume taken {
    case .nothing: break
    case .histogram(var estimate):
      estimate.observe(unit, norm: norm)
      self = .histogram(estimate)
    case .normalMixture(var estimate):
      estimate.observe(unit, norm: norm)
      self = .normalMixture(estimate)
    case .pooledNormal(var estimate):
      estimate.observe(unit, norm: norm)
      self = .pooledNormal(estimate)
    case .moments(var estimate):
      estimate.observe(unit, norm: norm)
      self = .moments(estimate)
    }
  }

  /// Whether both are the same estimate in the same configuration.
  public func isMergeable(with other: ChosenEstimate) -> Bool {
    switch (self, other) {
    case (.nothing, .nothing): true
    case (.histogram(let own), .histogram(let other)): own.isMergeable(with: other)
    case (.normalMixture(let own), .normalMixture(let other)): own.isMergeable(with: other)
    case (.pooledNormal(let own), .pooledNormal(let other)): own.isMergeable(with: other)
    case (.moments(let own), .moments(let other)): own.isMergeable(with: other)
    default: false
    }
  }

  /// Adds everything that `other` has observed.
  public mutating func merge(_ other: ChosenEstimate) {
    precondition(isMergeable(with: other), "Statistics of different configurations cannot be pooled")
    switch (self, other) {
    case (.histogram(var own), .histogram(let other)):
      own.merge(other)
      self = .histogram(own)
    case (.normalMixture(var own), .normalMixture(let other)):
      own.merge(other)
      self = .normalMixture(own)
    case (.pooledNormal(var own), .pooledNormal(let other)):
      own.merge(other)
      self = .pooledNormal(own)
    case (.moments(var own), .moments(let other)):
      own.merge(other)
      self = .moments(own)
    default: break
    }
  }

  /// The law that the chosen estimate gives.
  ///
  /// - Parameter support: The law of |r| or of r.
  /// - Returns: The law.
  /// - Throws: ``AdaptationError/noObservations`` or ``AdaptationError/needsSignedStatistics``.
  public func distribution(on support: CoordinateSupport) throws(AdaptationError) -> EstimatedLaw {
    switch self {
    case .nothing: throw .noObservations
    case .histogram(let estimate): .piecewiseUniform(try estimate.distribution(on: support))
    case .normalMixture(let estimate): .normalMixture(try estimate.distribution(on: support))
    case .pooledNormal(let estimate): .normalMixture(try estimate.distribution(on: support))
    case .moments(let estimate): .normalMixture(try estimate.distribution(on: support))
    }
  }
}

extension ChosenEstimate {
  /// The bytes of the chosen estimate, whose first byte names it; none for `nothing`.
  ///
  /// - Returns: Its encoding.
  public func encoded() -> [UInt8] {
    switch self {
    case .nothing: []
    case .histogram(let estimate): estimate.encoded()
    case .normalMixture(let estimate): estimate.encoded()
    case .pooledNormal(let estimate): estimate.encoded()
    case .moments(let estimate): estimate.encoded()
    }
  }

  /// Reads any of the estimates.
  ///
  /// - Parameter bytes: One encoded estimate, or none.
  /// - Throws: ``StatisticsError`` on anything else.
  public init(decoding bytes: ArraySlice<UInt8>) throws(StatisticsError) {
    guard let first = bytes.first else {
      self = .nothing
      return
    }
    switch StatisticsKind(rawValue: first) {
    case .histogram: self = .histogram(try Histogram(decoding: bytes))
    case .normalMixture: self = .normalMixture(try NormalMixture(decoding: bytes))
    case .pooledNormal: self = .pooledNormal(try PooledNormal(decoding: bytes))
    case .moments: self = .moments(try MomentStatistics(decoding: bytes))
    case .magnitudes, nil: throw .wrongKind(found: first, expected: StatisticsKind.histogram.rawValue)
    }
  }
}

/// The law of a ``ChosenEstimate``.
public enum EstimatedLaw: BoundedDistribution, Hashable {
  case piecewiseUniform(PiecewiseUniform)
  case normalMixture(TruncatedNormalMixture)

  /// 0...1 or −1...1.
  public var bounds: ClosedRange<Double> {
    switch self {
    case .piecewiseUniform(let law): law.bounds
    case .normalMixture(let law): law.bounds
    }
  }

  /// E r².
  public var secondMoment: Double {
    switch self {
    case .piecewiseUniform(let law): law.secondMoment
    case .normalMixture(let law): law.secondMoment
    }
  }

  /// F(u) and the first moment up to `u`.
  public func moments(through u: Double) -> PartialMoments {
    switch self {
    case .piecewiseUniform(let law): law.moments(through: u)
    case .normalMixture(let law): law.moments(through: u)
    }
  }

  /// The density at `u`.
  public func density(at u: Double) -> Double {
    switch self {
    case .piecewiseUniform(let law): law.density(at: u)
    case .normalMixture(let law): law.density(at: u)
    }
  }

  /// The least point of `bracket` with F(u) ≥ p.
  public func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double {
    switch self {
    case .piecewiseUniform(let law): law.quantile(p, in: bracket)
    case .normalMixture(let law): law.quantile(p, in: bracket)
    }
  }
}
