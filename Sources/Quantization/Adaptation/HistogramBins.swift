/// The bins of a histogram of numbers from 0 to 1, read off the bits of a `Float`.
///
/// Each octave is cut into 128 equal bins, from 1 down to 2⁻²⁰, and one bin holds what is smaller. A bin is thus at most
/// 1/128 of its numbers wide, its index is a shift, and the map from numbers to indices is monotone and exact.
enum HistogramBins {
  static let count = octaves * perOctave + 1

  private static let octaves = 20
  private static let perOctave = 128
  /// The bits that lie below the index: those of the significand, less the 7 that name the bin in its octave.
  private static let shift: UInt32 = 23 - 7
  private static let base = (127 - octaves) * perOctave
  private static let one = Float(1).bitPattern

  /// The bin of |x|; what exceeds 1, and a NaN, counts as 1.
  @inline(__always)
  static func index(of x: Float) -> Int {
    let bits = min(x.bitPattern & 0x7FFF_FFFF, one)
    return min(max(Int(truncatingIfNeeded: bits >> shift) - base + 1, 0), count - 1)
  }

  /// |x|, clamped to 1 as in ``index(of:)``.
  @inline(__always)
  static func clampedMagnitude(of x: Float) -> Float { Float(bitPattern: min(x.bitPattern & 0x7FFF_FFFF, one)) }

  /// The lower end of a bin; that of bin `count` is 1.
  static func edge(_ index: Int) -> Double {
    index == 0 ? 0 : Double(Float(bitPattern: UInt32(index - 1 + base) << shift))
  }
}
