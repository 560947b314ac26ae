/// One normal law for all coordinates: the statistics of the normalised variants ALQ-N and AMQ-N.
///
/// It keeps Σw, Σwr and Σwr² over coordinates, 24 bytes in all, and pools them exactly as sums.
public struct PooledNormal: Hashable, Sendable, Codable {
  /// How much a bucket counts.
  public let weighting: NormWeighting
  /// Magnitudes, or signed coordinates; the law on either can be asked for.
  public let support: CoordinateSupport
  private var weight = 0.0
  private var first = 0.0
  private var second = 0.0

  /// Empty statistics.
  ///
  /// - Parameters:
  ///   - weighting: How much a bucket counts; the paper's normalised variants count all alike.
  ///   - support: Magnitudes, or signed coordinates.
  public init(weighting: NormWeighting = .unweighted, support: CoordinateSupport = .magnitudes) {
    self.weighting = weighting
    self.support = support
  }

  /// The mean of r, or nil before the first observation.
  public var mean: Double? { weight > 0 ? first / weight : nil }

  /// The standard deviation of r, or nil before the first observation.
  public var deviation: Double? {
    weight > 0 ? max(0, second / weight - (first / weight) * (first / weight)).squareRoot() : nil
  }
}

extension PooledNormal: DistributionEstimate {
  /// Empty statistics of magnitudes, every bucket counted alike.
  public init() { self.init(weighting: .unweighted, support: .magnitudes) }

  /// Adds one bucket.
  public mutating func observe(_ unit: Span<Float>, norm: Float) {
    guard norm > 0, norm.isFinite, unit.count > 0 else { return }
    let moments = BucketMoments(unit)
    let bucketWeight = weighting.weight(ofNorm: norm) * Double(moments.count)
    weight += bucketWeight
    first += bucketWeight * moments.mean
    second += bucketWeight * moments.second
  }

  /// Whether `other` has the same weighting and support.
  public func isMergeable(with other: PooledNormal) -> Bool {
    weighting == other.weighting && support == other.support
  }

  /// Adds the sums of `other`.
  public mutating func merge(_ other: PooledNormal) {
    precondition(isMergeable(with: other), "Moments of different configurations cannot be pooled")
    weight += other.weight
    first += other.first
    second += other.second
  }

  /// The normal law with the pooled moments, truncated to [−1, 1].
  ///
  /// - Parameter support: The law of |r| or of r.
  /// - Returns: A mixture of one component.
  /// - Throws: ``AdaptationError/noObservations``.
  public func distribution(on support: CoordinateSupport) throws(AdaptationError) -> TruncatedNormalMixture {
    guard let mean, let deviation, mean.isFinite, deviation.isFinite else { throw .noObservations }
    let law = TruncatedNormalMixture.fitted(mean: mean, deviation: deviation)
    return TruncatedNormalMixture([.init(share: 1, law: law)], support: support)
  }
}

extension PooledNormal {
  /// The bytes that a worker sends: kind, version, weighting, support, and three sums (binary64), exactly.
  ///
  /// - Returns: 28 bytes.
  public func encoded() -> [UInt8] {
    var writer = StatisticsWriter(kind: .pooledNormal)
    writer.put(weighting.rawValue)
    writer.put(support.rawValue)
    writer.put(weight)
    writer.put(first)
    writer.put(second)
    return writer.bytes
  }

  /// Reads what ``encoded()`` wrote.
  ///
  /// - Parameter bytes: Encoded moments.
  /// - Throws: ``StatisticsError`` on anything else.
  public init(decoding bytes: ArraySlice<UInt8>) throws(StatisticsError) {
    var reader = try StatisticsReader(bytes, kind: .pooledNormal)
    self.init(weighting: try reader.weighting(), support: try reader.support())
    weight = try reader.double()
    first = try reader.double()
    second = try reader.double()
    // Sums over coordinates in [−1, 1] with norms in Float stay far below this bound; a rounding may tip the order.
    guard weight >= 0, weight <= 0x1p600 else { throw .invalidField(.weight) }
    guard first.magnitude <= weight * (1 + 0x1p-20) else { throw .invalidField(.mean) }
    guard second >= 0, second <= weight * (1 + 0x1p-20) else { throw .invalidField(.deviation) }
    try reader.finish()
  }
}
