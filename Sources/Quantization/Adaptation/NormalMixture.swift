/// One normal law per bucket, kept for the buckets of largest norm: the parametric model of arXiv 2010.12460.
///
/// A component is the mean and the standard deviation of the coordinates of a bucket after division by its norm. The
/// fit is good for Gaussian gradients and poor for heavy tails, for which ``Histogram`` is made. Components are kept in a
/// total order (norm, then mean, then deviation), so that pooling does not depend on the order of workers.
///
/// *Complexity:* observing takes one pass; every query of the law takes time proportional to the components kept.
public struct NormalMixture: Hashable, Sendable, Codable {
  /// One bucket.
  struct Component: Hashable, Codable {
    var norm: Float
    var mean: Float
    var deviation: Float

    /// Whether this component comes before `other`: the larger norm first.
    func precedes(_ other: Component) -> Bool {
      if norm != other.norm { return norm > other.norm }
      if mean != other.mean { return mean > other.mean }
      return deviation > other.deviation
    }
  }

  /// The most components that can be kept.
  public static let largestCapacity = 4096

  /// How much a bucket counts.
  public let weighting: NormWeighting
  /// Magnitudes, or signed coordinates; the law on either can be asked for.
  public let support: CoordinateSupport
  /// The number of buckets kept.
  public let capacity: Int
  /// In decreasing order.
  private(set) var components: [Component] = []

  /// Empty statistics.
  ///
  /// - Parameters:
  ///   - weighting: How much a bucket counts.
  ///   - support: Magnitudes, or signed coordinates.
  ///   - capacity: How many buckets are kept, from 1 to ``largestCapacity``; the papers' code keeps 50 to 350.
  public init(weighting: NormWeighting, support: CoordinateSupport, capacity: Int) {
    precondition((1...NormalMixture.largestCapacity).contains(capacity), "A mixture keeps 1 to 4096 buckets")
    self.weighting = weighting
    self.support = support
    self.capacity = capacity
  }

  /// The number of buckets kept so far.
  public var count: Int { components.count }

  private mutating func insert(_ component: Component) {
    if components.count == capacity {
      guard let last = components.last, component.precedes(last) else { return }
      components.removeLast()
    }
    components.insert(component, at: components.firstIndex(ofSorted: { component.precedes($0) }))
  }
}

extension NormalMixture: DistributionEstimate {
  /// Empty statistics of magnitudes for 64 buckets, weighted by squared norms.
  public init() { self.init(weighting: .squaredNorm, support: .magnitudes, capacity: 64) }

  /// Empty statistics for 64 buckets.
  ///
  /// - Parameters:
  ///   - weighting: How much a bucket counts.
  ///   - support: Magnitudes, or signed coordinates.
  public init(weighting: NormWeighting, support: CoordinateSupport) {
    self.init(weighting: weighting, support: support, capacity: 64)
  }

  /// Adds one bucket, if it is among those of largest norm.
  public mutating func observe(_ unit: Span<Float>, norm: Float) {
    guard norm > 0, norm.isFinite, unit.count > 0 else { return }
    if components.count == capacity, let last = components.last, norm < last.norm { return }
    let moments = BucketMoments(unit)
    insert(Component(norm: norm, mean: Float(moments.mean), deviation: Float(moments.variance.squareRoot())))
  }

  /// Whether `other` has the same weighting, support and capacity.
  public func isMergeable(with other: NormalMixture) -> Bool {
    weighting == other.weighting && support == other.support && capacity == other.capacity
  }

  /// Keeps the buckets of largest norm of both.
  public mutating func merge(_ other: NormalMixture) {
    precondition(isMergeable(with: other), "Mixtures of different configurations cannot be pooled")
    for component in other.components { insert(component) }
  }

  /// The mixture, each component truncated to [−1, 1].
  ///
  /// - Parameter support: The law of |r| or of r.
  /// - Returns: The law.
  /// - Throws: ``AdaptationError/noObservations``.
  public func distribution(on support: CoordinateSupport) throws(AdaptationError) -> TruncatedNormalMixture {
    guard !components.isEmpty else { throw .noObservations }
    let parts = components.map { component in
      TruncatedNormalMixture.Component(
        share: weighting.weight(ofNorm: component.norm),
        law: TruncatedNormalMixture.fitted(mean: Double(component.mean), deviation: Double(component.deviation)))
    }
    return TruncatedNormalMixture(parts, support: support)
  }
}

extension NormalMixture {
  /// The bytes that a worker sends: kind, version, weighting, support, capacity and count (16 bits each), then the norm,
  /// mean and deviation of each component (binary32), exactly.
  ///
  /// - Returns: 8 bytes and 12 per component.
  public func encoded() -> [UInt8] {
    var writer = StatisticsWriter(kind: .normalMixture)
    writer.put(weighting.rawValue)
    writer.put(support.rawValue)
    writer.put(bits: UInt16(capacity))
    writer.put(bits: UInt16(components.count))
    for component in components {
      writer.put(component.norm)
      writer.put(component.mean)
      writer.put(component.deviation)
    }
    return writer.bytes
  }

  /// Reads what ``encoded()`` wrote.
  ///
  /// - Parameter bytes: One encoded mixture.
  /// - Throws: ``StatisticsError`` on anything else.
  public init(decoding bytes: ArraySlice<UInt8>) throws(StatisticsError) {
    var reader = try StatisticsReader(bytes, kind: .normalMixture)
    let (weighting, support) = (try reader.weighting(), try reader.support())
    let capacity = Int(try reader.integer(UInt16.self))
    guard (1...NormalMixture.largestCapacity).contains(capacity) else { throw .invalidField(.capacity) }
    self.init(weighting: weighting, support: support, capacity: capacity)
    let count = Int(try reader.integer(UInt16.self))
    guard count <= capacity else { throw .invalidField(.count) }
    for _ in 0..<count {
      let component = Component(norm: try reader.float(), mean: try reader.float(), deviation: try reader.float())
      guard component.norm > 0, component.norm.isFinite else { throw .invalidField(.norm) }
      guard component.mean.magnitude <= 1 else { throw .invalidField(.mean) }
      guard (0...1).contains(component.deviation) else { throw .invalidField(.deviation) }
      if let last = components.last, component.precedes(last) { throw .invalidField(.order) }
      components.append(component)
    }
    try reader.finish()
  }
}
