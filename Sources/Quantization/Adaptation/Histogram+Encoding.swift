// The bytes of a histogram: kind, version, weighting, support; the binary exponent e of the weights (Int16); then runs of
// bins that are not empty, each as the number of empty bins before it and its length (7 bits a byte), and per bin one
// word of 32 bits. Its upper 24 bits are the weight divided by 2ᵉ, a binary32 number in 0..<2 without its sign and the
// last 7 bits of its significand; its lower 8 bits are the place of the mean in the bin, in 255ths. Both errors, 2⁻¹⁷ of
// the weight and 2⁻¹⁶ of the mean, are far below the sampling error of a bin.

extension Histogram {
  /// The bytes that a worker sends, with weights rounded to 17 significant bits and means to 1/255 of their bin.
  ///
  /// - Returns: At most 10.3 kB for magnitudes and 20.6 kB for signed coordinates, less where bins are empty.
  public func encoded() -> [UInt8] {
    var writer = StatisticsWriter(kind: .histogram)
    writer.put(weighting.rawValue)
    writer.put(support.rawValue)
    let exponent = sharedExponent
    writer.put(bits: Int16(exponent))
    let weights = sums.map { Histogram.shortened($0.x, exponent) }
    var index = 0
    while let start = weights[index...].firstIndex(where: { $0 > 0 }) {
      let end = weights[start...].firstIndex(of: 0) ?? weights.count
      writer.put(count: start - index)
      writer.put(count: end - start)
      for bin in start..<end { writer.put(bits: weights[bin] << 8 | UInt32(meanFraction(bin))) }
      index = end
    }
    return writer.bytes
  }

  /// Reads what ``encoded()`` wrote.
  ///
  /// - Parameter bytes: One encoded histogram.
  /// - Throws: ``StatisticsError`` on anything else.
  public init(decoding bytes: ArraySlice<UInt8>) throws(StatisticsError) {
    var reader = try StatisticsReader(bytes, kind: .histogram)
    self.init(weighting: try reader.weighting(), support: try reader.support())
    let exponent = Int(try reader.integer(Int16.self))
    guard exponent.magnitude <= Histogram.largestExponent else { throw .invalidField(.scale) }
    var index = 0
    while !reader.isAtEnd {
      index += try reader.count(atMost: sums.count - index)
      let length = try reader.count(atMost: sums.count - index)
      guard length > 0 else { throw .invalidField(.count) }
      for bin in index..<index + length {
        let word = try reader.integer(UInt32.self)
        let weight = Float(bitPattern: (word >> 8) << 7)
        guard weight > 0, weight < 2 else { throw .invalidField(.weight) }
        let scaled = Double(sign: .plus, exponent: exponent, significand: Double(weight))
        let ends = self.bin(bin)
        let mean = ends.lowerBound + Double(word & 0xFF) / 255 * (ends.upperBound - ends.lowerBound)
        sums[bin] = SIMD2(scaled, scaled * mean)
      }
      index += length
    }
  }

  /// Weights beyond 2^±600 cannot come from finite norms in `Float`.
  private static var largestExponent: Int { 600 }

  /// The exponent that brings the largest weight, once rounded, into 1..<2.
  private var sharedExponent: Int {
    let largest = sums.reduce(0) { max($0, $1.x) }
    guard largest > 0, largest.isFinite else { return 0 }
    let exponent = Int(largest.exponent)
    let isBelowTwo = Histogram.shortened(largest, exponent) << 7 < Float(2).bitPattern
    return min(max(isBelowTwo ? exponent : exponent + 1, -Histogram.largestExponent), Histogram.largestExponent)
  }

  /// The weight over 2^exponent as a binary32 number, rounded to the 24 bits after the sign.
  private static func shortened(_ weight: Double, _ exponent: Int) -> UInt32 {
    let bits = Float(Double(sign: .plus, exponent: -exponent, significand: weight)).bitPattern
    return (bits + 0x3F + (bits >> 7 & 1)) >> 7
  }

  private func meanFraction(_ index: Int) -> UInt8 {
    let ends = bin(index)
    let mean = sums[index].y / sums[index].x
    let fraction = (mean - ends.lowerBound) / (ends.upperBound - ends.lowerBound)
    return UInt8((min(max(fraction, 0), 1) * 255).rounded())
  }
}
