/// The bins of a histogram of magnitudes over the whole range of binary32, read off the bits.
///
/// Each octave is cut into 16 equal bins, so that an index is a shift, the map from magnitudes to indices is monotone
/// and exact, and a bin is at most 1/16 of its numbers wide. Numbers below 2⁻¹²⁶ have 16 equal bins together.
enum MagnitudeBins {
  /// How many bins hold finite magnitudes; infinities and NaNs have the indices from here to ``indexLimit``.
  static let count = 255 * 16
  static let indexLimit = 256 * 16

  private static let shift: UInt32 = 23 - 4

  /// The bin of a magnitude, given as a bit pattern without sign.
  @inline(__always)
  static func index(ofMagnitudeBits bits: UInt32) -> Int { Int(truncatingIfNeeded: bits >> shift) }

  /// The lower end of a bin; that of bin ``count`` is 2¹²⁸.
  static func edge(_ index: Int) -> Double {
    index == count ? 0x1p128 : Double(Float(bitPattern: UInt32(index) << shift))
  }
}
