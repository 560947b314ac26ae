/// How large coordinates are, whatever their unit: a histogram of |v| with 16 bins an octave and the mean of each bin.
///
/// It is what a step size is chosen from. The rate of a dithered quantizer depends on the law of v/Δ, so that one
/// histogram per layer type gives the rate at every step, and hence the step for every rate. Zeros are counted apart,
/// since sparse gradients are common and cost almost nothing. Signs are not kept: the law is taken to be symmetric.
///
/// ## Laws
/// - Counts are exact, and merging adds them: any order of merging gives the same counts. The means of the bins are sums
///   in binary64 and depend on the order in their last bits, so pool in rank order.
/// - Merging an empty histogram changes nothing.
/// - Decoding what ``encoded()`` made gives a histogram that encodes to the same bytes again.
///
/// *Complexity:* one addition of a pair per coordinate; 64 kB of memory.
public struct MagnitudeHistogram: Hashable, Sendable {
  /// How many coordinates one message may count; numbers up to eight thousand times as large are still exact.
  static let countLimit = 1 << 40

  /// How many coordinates were zero.
  public internal(set) var zeroCount = 0
  /// The number of nonzero coordinates in each bin, and Σ|v| over them.
  var sums: [SIMD2<Double>]

  /// An empty histogram.
  public init() { sums = Array(repeating: .zero, count: MagnitudeBins.indexLimit) }

  /// Whether nothing was observed.
  public var isEmpty: Bool { zeroCount == 0 && sums.allSatisfy { $0.x == 0 } }

  /// How many finite coordinates were observed, zeros included.
  public var count: Double { Double(zeroCount) + sums.reduce(0) { $0 + $1.x } }

  /// Adds the coordinates of a vector; infinities and NaNs, which travel exactly, are left out.
  ///
  /// - Parameter values: Any coordinates, not normalised.
  public mutating func observe(_ values: Span<Float>) {
    values.withUnsafeBufferPointer { observe($0, places: 0..<$0.count, by: 1, unit: 1) }
  }

  /// Adds some of the coordinates of a vector, as multiples of a unit.
  ///
  /// - Parameters:
  ///   - values: Any coordinates.
  ///   - places: Where to look, within the vector.
  ///   - distance: Between two places that are looked at, at least 1.
  ///   - unit: What the magnitudes are divided by, ordinary.
  package mutating func observe(
    _ values: UnsafeBufferPointer<Float>, places: Range<Int>, by distance: Int, unit: Float
  ) {
    precondition(places.lowerBound >= 0 && places.upperBound <= values.count, "The places are those of the vector")
    let reciprocal = 1 / unit
    var zeros = 0
    sums.withUnsafeMutableBufferPointer { sums in
      for place in stride(from: places.lowerBound, to: places.upperBound, by: distance) {
        let bits = (values[place] * reciprocal).bitPattern & 0x7FFF_FFFF
        sums[MagnitudeBins.index(ofMagnitudeBits: bits)] += SIMD2(1, Double(Float(bitPattern: bits)))
        zeros += bits == 0 ? 1 : 0
      }
      sums[0].x -= Double(zeros)
      for index in MagnitudeBins.count..<MagnitudeBins.indexLimit { sums[index] = .zero }
    }
    zeroCount += zeros
  }

  /// Adds everything that `other` has observed.
  ///
  /// - Parameter other: Any histogram.
  public mutating func merge(_ other: MagnitudeHistogram) {
    let (total, overflows) = zeroCount.addingReportingOverflow(other.zeroCount)
    zeroCount = overflows ? .max : total
    for index in 0..<MagnitudeBins.count { sums[index] += other.sums[index] }
  }

  /// The law of the coordinates observed; that of an empty histogram is the law of a constant zero.
  public var law: MagnitudeLaw {
    var builder = MagnitudeLaw.Builder(total: count)
    for index in (0..<MagnitudeBins.count).reversed() where sums[index].x > 0 {
      let (low, high) = (MagnitudeBins.edge(index), MagnitudeBins.edge(index + 1))
      builder.prepend(low...high, count: sums[index].x, mean: sums[index].y / sums[index].x)
    }
    return builder.finished()
  }
}

extension MagnitudeHistogram {
  /// √(E v²) of the coordinates observed, to 2 parts in 10⁴.
  public var rootMeanSquare: Double { law.meanSquare.squareRoot() }

  /// H(q), the bits per coordinate of dithered symbols; see ``MagnitudeLaw/entropyBits(step:)``.
  ///
  /// - Parameter step: Δ, positive and finite.
  /// - Returns: Bits per coordinate.
  public func entropyBits(step: Double) -> Double { law.entropyBits(step: step) }

  /// The step of a rate; see ``MagnitudeLaw/step(bits:)``.
  ///
  /// - Parameter bits: Bits per coordinate, positive.
  /// - Returns: Δ, or nil where nothing but zeros was observed.
  public func step(bits: Double) -> Double? { law.step(bits: bits) }

  /// The probabilities of dithered symbols; see ``MagnitudeLaw/symbolProbabilities(step:largest:lowBits:)``.
  ///
  /// - Parameters:
  ///   - step: Δ, positive and finite.
  ///   - largest: Q, the largest magnitude in the alphabet.
  ///   - lowBits: r, the number of low bits that travel raw.
  /// - Returns: 2Q + 1 probabilities.
  public func symbolProbabilities(step: Double, largest: Int, lowBits: Int = 0) -> [Double] {
    law.symbolProbabilities(step: step, largest: largest, lowBits: lowBits)
  }
}
