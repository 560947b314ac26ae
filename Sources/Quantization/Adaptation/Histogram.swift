/// A weighted histogram of normalised coordinates, with the mean of each bin.
///
/// It assumes nothing of the law, which is why it is the default: fitted by truncated normals, heavy-tailed gradients
/// lose a factor of 1.6 to 3 in variance. Bins are logarithmic (128 per octave over 20 octaves), so that laws of every
/// scale, from buckets of a hundred coordinates to vectors of a hundred million, are resolved alike. A bin keeps Σw and
/// Σwr; Σwr² is not needed, because the expected variance depends on second moments through E r² alone, and the law in
/// a bin is taken to be the two-piece uniform one with the same mean.
///
/// *Complexity:* observing costs one addition of a pair per coordinate; the law has at most 3 knots per bin.
public struct Histogram: Hashable, Sendable, Codable {
  /// How much a bucket counts.
  public let weighting: NormWeighting
  /// Magnitudes, or signed coordinates.
  public let support: CoordinateSupport
  /// Σw and Σwr of each bin, in increasing order of r.
  var sums: [SIMD2<Double>]

  /// An empty histogram.
  ///
  /// - Parameters:
  ///   - weighting: How much a bucket counts.
  ///   - support: Magnitudes, or signed coordinates.
  public init(weighting: NormWeighting = .squaredNorm, support: CoordinateSupport = .magnitudes) {
    self.weighting = weighting
    self.support = support
    sums = Array(repeating: .zero, count: support == .signed ? 2 * HistogramBins.count : HistogramBins.count)
  }

  /// Σw, the total weight of the coordinates observed.
  public var totalWeight: Double { sums.reduce(0) { $0 + $1.x } }

  /// Forgets by degrees: multiplies every weight, as an exponentially decayed histogram does between updates.
  ///
  /// - Parameter factor: From 0 (forget all) to 1 (keep all).
  public mutating func decay(by factor: Double) {
    precondition((0...1).contains(factor), "A decay factor lies between 0 and 1, not \(factor)")
    for index in sums.indices { sums[index] *= factor }
  }

  /// The ends of a bin.
  func bin(_ index: Int) -> ClosedRange<Double> {
    guard support == .signed else { return HistogramBins.edge(index)...HistogramBins.edge(index + 1) }
    let magnitude = index - HistogramBins.count
    return magnitude >= 0
      ? HistogramBins.edge(magnitude)...HistogramBins.edge(magnitude + 1)
      : -HistogramBins.edge(-magnitude)...(-HistogramBins.edge(-magnitude - 1))
  }

  /// The histogram of the magnitudes.
  func folded() -> Histogram {
    guard support == .signed else { return self }
    var result = Histogram(weighting: weighting, support: .magnitudes)
    let count = HistogramBins.count
    for index in 0..<count {
      let negative = sums[count - 1 - index]
      result.sums[index] = sums[count + index] + SIMD2(negative.x, -negative.y)
    }
    return result
  }
}

extension Histogram: DistributionEstimate {
  /// An empty histogram of magnitudes, weighted by squared norms.
  public init() { self.init(weighting: .squaredNorm, support: .magnitudes) }

  /// Adds one bucket.
  public mutating func observe(_ unit: Span<Float>, norm: Float) {
    guard norm > 0, norm.isFinite else { return }
    let weight = weighting.weight(ofNorm: norm)
    let isSigned = support == .signed
    unit.withUnsafeBufferPointer { coordinates in
      sums.withUnsafeMutableBufferPointer { sums in
        if isSigned {
          for coordinate in coordinates {
            // A negative magnitude index i becomes −1 − i, by the bits of the sign and without a branch.
            let sign = Int(Int32(bitPattern: coordinate.bitPattern) >> 31)
            let magnitude = HistogramBins.clampedMagnitude(of: coordinate)
            let value = Double(Float(signOf: coordinate, magnitudeOf: magnitude))
            sums[HistogramBins.count + (HistogramBins.index(of: coordinate) ^ sign)] += SIMD2(weight, weight * value)
          }
        } else {
          for coordinate in coordinates {
            let magnitude = weight * Double(HistogramBins.clampedMagnitude(of: coordinate))
            sums[HistogramBins.index(of: coordinate)] += SIMD2(weight, magnitude)
          }
        }
      }
    }
  }

  /// Whether `other` has the same weighting and support.
  public func isMergeable(with other: Histogram) -> Bool { weighting == other.weighting && support == other.support }

  /// Adds the bins of `other`.
  public mutating func merge(_ other: Histogram) {
    precondition(isMergeable(with: other), "Histograms of different configurations cannot be pooled")
    for index in sums.indices { sums[index] += other.sums[index] }
  }

  /// The law with, in each bin, two uniform pieces that meet at the mean of the bin.
  ///
  /// - Parameter support: The law of |r| or of r.
  /// - Returns: A law whose mass and mean are those of the data at every bin edge.
  /// - Throws: ``AdaptationError/noObservations`` or ``AdaptationError/needsSignedStatistics``.
  public func distribution(on support: CoordinateSupport) throws(AdaptationError) -> PiecewiseUniform {
    guard support == .magnitudes || self.support == .signed else { throw .needsSignedStatistics }
    let source = support == .magnitudes ? folded() : self
    let total = source.totalWeight
    guard total > 0, total.isFinite else { throw .noObservations }
    var law = PiecewiseUniform.Builder(bounds: support == .signed ? -1...1 : 0...1)
    for (index, sum) in source.sums.enumerated() where sum.x > 0 {
      law.append(source.bin(index), weight: sum.x, mean: sum.y / sum.x)
    }
    return law.finished()
  }
}
