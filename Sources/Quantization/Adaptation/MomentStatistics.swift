public import LaminaNumerics

/// Running moments of normalised coordinates, themselves sent in a few bits: the statistics of MomentAMQ, mode A.
///
/// Each bucket updates m̂ ← β₁m̂ + (1 − β₁)m and v̂ ← β₂v̂ + (1 − β₂)v, where m and v are the mean and the variance of its
/// coordinates; both are corrected by 1 − βᵗ for the start at 0. To be sent, m̂ is rounded to a uniform grid on [−R, R]
/// and √v̂ to one on [0, S], stochastically, hence without bias inside of these ranges; the receivers average over
/// workers and derive the levels. `AMQ<MomentStatistics>` is MomentAMQ; with β₁ = β₂ = 0 and unquantized moments it is
/// AMQ-N on the last bucket.
///
/// Mode B, which sends the moments and a sign per coordinate but no symbols, is biased; it would need error feedback and
/// is not offered.
public struct MomentStatistics: Hashable, Sendable, Codable {
  /// How the moments decay and travel.
  public struct Configuration: Hashable, Sendable, Codable {
    /// β₁, the share of the mean that is kept from bucket to bucket, in 0..<1.
    public var meanDecay: Double = 0.9
    /// β₂, the share of the variance that is kept, in 0..<1.
    public var varianceDecay: Double = 0.9
    /// R: means are sent clamped to −R...R.
    public var meanRange: Double = 0.125
    /// S: deviations are sent clamped to 0...S.
    public var deviationRange: Double = 1
    /// The number of intervals of both grids, from 1 to 65535.
    public var intervals: Int = 65535
    /// The name of the rounding; workers and updates need different ones.
    public var key = RandomKey(seed: 0)

    /// The defaults: decay .9, R = ⅛, S = 1, 16 bits a moment.
    public init() {}
  }

  /// Magnitudes, or signed coordinates; the law on either can be asked for.
  public let support: CoordinateSupport
  private let configuration: Configuration
  private var rawMean = 0.0
  private var rawVariance = 0.0
  private var buckets = 0
  /// What other workers sent: Σ of means, Σ of deviations, and how many.
  private var received = SIMD2<Double>.zero
  private var receivedCount = 0

  /// Empty statistics.
  ///
  /// - Parameters:
  ///   - configuration: How the moments decay and travel.
  ///   - support: Magnitudes, or signed coordinates.
  public init(_ configuration: Configuration, support: CoordinateSupport = .magnitudes) {
    precondition((0..<1).contains(configuration.meanDecay), "β₁ lies in 0..<1")
    precondition((0..<1).contains(configuration.varianceDecay), "β₂ lies in 0..<1")
    precondition((0x1p-20...1).contains(configuration.meanRange), "R lies in 2⁻²⁰...1")
    precondition((0x1p-20...1).contains(configuration.deviationRange), "S lies in 2⁻²⁰...1")
    precondition((1...65535).contains(configuration.intervals), "A grid has 1 to 65535 intervals")
    self.configuration = configuration
    self.support = support
  }

  /// The bias-corrected mean of this worker's buckets, or nil before the first.
  public var localMean: Double? {
    buckets > 0 ? rawMean / (1 - power(configuration.meanDecay, buckets)) : nil
  }

  /// The square root of the bias-corrected variance of this worker's buckets, or nil before the first.
  public var localDeviation: Double? {
    buckets > 0 ? (rawVariance / (1 - power(configuration.varianceDecay, buckets))).squareRoot() : nil
  }

  /// The mean and the deviation, averaged over this worker (if it has observed anything) and those merged in.
  public var pooled: (mean: Double, deviation: Double)? {
    guard let mean = localMean, let deviation = localDeviation else {
      let count = Double(receivedCount)
      return receivedCount > 0 ? (received.x / count, received.y / count) : nil
    }
    let count = Double(receivedCount + 1)
    return ((received.x + mean) / count, (received.y + deviation) / count)
  }
}

extension MomentStatistics: DistributionEstimate {
  /// Empty statistics in the default configuration.
  public init() { self.init(Configuration()) }

  /// Empty statistics in the default configuration; every bucket counts alike, whatever `weighting` says.
  ///
  /// - Parameters:
  ///   - weighting: Ignored: running moments are those of the normalised variant.
  ///   - support: Magnitudes, or signed coordinates.
  public init(weighting: NormWeighting, support: CoordinateSupport) { self.init(Configuration(), support: support) }

  /// Lets the moments of one bucket in.
  public mutating func observe(_ unit: Span<Float>, norm: Float) {
    guard norm > 0, norm.isFinite, unit.count > 0 else { return }
    let moments = BucketMoments(unit)
    rawMean = configuration.meanDecay * rawMean + (1 - configuration.meanDecay) * moments.mean
    rawVariance = configuration.varianceDecay * rawVariance + (1 - configuration.varianceDecay) * moments.variance
    buckets += 1
  }

  /// Whether `other` has the same support; what was decoded carries no decay, and needs none.
  public func isMergeable(with other: MomentStatistics) -> Bool { support == other.support }

  /// Adds the pooled moments of `other`, weighted by its number of workers.
  public mutating func merge(_ other: MomentStatistics) {
    precondition(isMergeable(with: other), "Moments of different supports cannot be pooled")
    received += other.received
    receivedCount += other.receivedCount
    if let mean = other.localMean, let deviation = other.localDeviation {
      received += SIMD2(mean, deviation)
      receivedCount += 1
    }
  }

  /// The normal law with the pooled moments, truncated to [−1, 1].
  ///
  /// - Parameter support: The law of |r| or of r.
  /// - Returns: A mixture of one component.
  /// - Throws: ``AdaptationError/noObservations``.
  public func distribution(on support: CoordinateSupport) throws(AdaptationError) -> TruncatedNormalMixture {
    guard let (mean, deviation) = pooled else { throw .noObservations }
    let law = TruncatedNormalMixture.fitted(mean: mean, deviation: deviation)
    return TruncatedNormalMixture([.init(share: 1, law: law)], support: support)
  }
}

extension MomentStatistics {
  /// The bytes that a worker sends: kind, version, support, R and S (binary32), intervals, the number of workers, and the
  /// two grid points (16 bits each).
  ///
  /// The rounding is named by the key and the number of buckets, so repeating the call repeats the bytes.
  ///
  /// - Returns: 19 bytes.
  public func encoded() -> [UInt8] {
    var writer = StatisticsWriter(kind: .moments)
    writer.put(support.rawValue)
    writer.put(Float(configuration.meanRange))
    writer.put(Float(configuration.deviationRange))
    writer.put(bits: UInt16(configuration.intervals))
    writer.put(bits: UInt16(min(receivedCount + (buckets > 0 ? 1 : 0), 65535)))
    let (mean, deviation) = pooled ?? (0, 0)
    let (meanRange, deviationRange) = sentRanges
    var stream = RandomStream(key: configuration.key.folding(UInt64(buckets)))
    writer.put(bits: gridPoint((mean + meanRange) / (2 * meanRange), draw: stream.nextUnit()))
    writer.put(bits: gridPoint(deviation / deviationRange, draw: stream.nextUnit()))
    return writer.bytes
  }

  /// Reads what ``encoded()`` wrote: the quantized moments of one or more workers, to be merged.
  ///
  /// - Parameter bytes: Encoded moments.
  /// - Throws: ``StatisticsError`` on anything else.
  public init(decoding bytes: ArraySlice<UInt8>) throws(StatisticsError) {
    var reader = try StatisticsReader(bytes, kind: .moments)
    let support = try reader.support()
    var configuration = Configuration()
    configuration.meanRange = Double(try reader.float())
    configuration.deviationRange = Double(try reader.float())
    guard (0x1p-20...1).contains(configuration.meanRange), (0x1p-20...1).contains(configuration.deviationRange) else {
      throw .invalidField(.range)
    }
    configuration.intervals = Int(try reader.integer(UInt16.self))
    guard configuration.intervals > 0 else { throw .invalidField(.scale) }
    self.init(configuration, support: support)
    receivedCount = Int(try reader.integer(UInt16.self))
    let (mean, deviation) = (Double(try reader.integer(UInt16.self)), Double(try reader.integer(UInt16.self)))
    let intervals = Double(configuration.intervals)
    guard mean <= intervals else { throw .invalidField(.mean) }
    guard deviation <= intervals else { throw .invalidField(.deviation) }
    received.x = Double(receivedCount) * (mean / intervals * 2 - 1) * configuration.meanRange
    received.y = Double(receivedCount) * (deviation / intervals) * configuration.deviationRange
    try reader.finish()
  }

  /// The ranges as the receiver reads them, rounded to binary32.
  private var sentRanges: (mean: Double, deviation: Double) {
    (Double(Float(configuration.meanRange)), Double(Float(configuration.deviationRange)))
  }

  /// A point of the grid, rounded stochastically; a place within 2⁻³² of a point is that point, so that what was read
  /// is sent again unchanged.
  private func gridPoint(_ fraction: Double, draw: Double) -> UInt16 {
    let place = min(max(fraction, 0), 1) * Double(configuration.intervals)
    let nearest = place.rounded()
    if (place - nearest).magnitude < 0x1p-32 { return UInt16(nearest) }
    let floor = place.rounded(.down)
    return UInt16(draw < place - floor ? floor + 1 : floor)
  }

  /// βⁿ by repeated squaring.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
