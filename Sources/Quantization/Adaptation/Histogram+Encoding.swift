// The bytes of a histogram: kind, version, weighting, support; the binary exponent e of the weights (Int16); then runs of
// bins that are not empty, each as the number of empty bins before it and its length (7 bits a byte), and per bin the
// weight divided by 2ᵉ (binary32) and the place of its mean in the bin (a 16-bit fraction). A full histogram of
// magnitudes takes 15 kB; one of a training run has about half of its bins empty.

extension Histogram {
  /// The bytes that a worker sends, with weights rounded to binary32 and means to 2⁻¹⁶ of their bin.
  ///
  /// - Returns: At most 15.4 kB for magnitudes and 30.8 kB for signed coordinates.
  public func encoded() -> [UInt8] {
    var writer = StatisticsWriter(kind: .histogram)
    writer.put(weighting.rawValue)
    writer.put(support.rawValue)
    let exponent = sharedExponent
    writer.put(bits: Int16(exponent))
    let scaled = sums.map { Float(Double(sign: .plus, exponent: -exponent, significand: $0.x)) }
    var index = 0
    while true {
      guard let start = scaled[index...].firstIndex(where: { $0 > 0 }) else { break }
      let end = scaled[start...].firstIndex(where: { !($0 > 0) }) ?? scaled.count
      writer.put(count: start - index)
      writer.put(count: end - start)
      for bin in start..<end {
        writer.put(scaled[bin])
        writer.put(bits: meanFraction(bin))
      }
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
        let weight = try reader.float()
        guard weight > 0, weight < 2 else { throw .invalidField(.weight) }
        let fraction = Double(try reader.integer(UInt16.self)) / 65535
        let scaled = Double(sign: .plus, exponent: exponent, significand: Double(weight))
        let ends = self.bin(bin)
        let mean = ends.lowerBound + fraction * (ends.upperBound - ends.lowerBound)
        sums[bin] = SIMD2(scaled, scaled * mean)
      }
      index += length
    }
  }

  /// Weights beyond 2^±600 cannot come from finite norms in `Float`.
  private static var largestExponent: Int { 600 }

  /// The exponent that brings the largest weight, once rounded to binary32, into 1..<2.
  private var sharedExponent: Int {
    let largest = sums.reduce(0) { max($0, $1.x) }
    guard largest > 0, largest.isFinite else { return 0 }
    let exponent = Int(largest.exponent)
    let rounded = Float(Double(sign: .plus, exponent: -exponent, significand: largest))
    return min(max(rounded < 2 ? exponent : exponent + 1, -Histogram.largestExponent), Histogram.largestExponent)
  }

  private func meanFraction(_ index: Int) -> UInt16 {
    let ends = bin(index)
    let mean = sums[index].y / sums[index].x
    let fraction = (mean - ends.lowerBound) / (ends.upperBound - ends.lowerBound)
    return UInt16((min(max(fraction, 0), 1) * 65535).rounded())
  }
}
