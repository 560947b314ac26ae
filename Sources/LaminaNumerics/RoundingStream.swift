/// The draws that round the coordinates of one bucket.
///
/// One 32-bit hash serves two coordinates. Coordinates come in blocks of 32: in block b, lane j = e mod 16 of word
/// 16b + j holds the 16 bits of element j in its upper half and those of element j + 16 in its lower half, which is
/// the order in which vector registers of 4, 8 or 16 lanes meet them. A bucket has one 7-bit offset o on top, so that
/// a draw is (256·m + 2o + 1)·2⁻²⁴: 23 uniform bits for each coordinate at the price of 16, exact in binary32.
///
/// The hash is a two-key 32-bit mixer, statistically tested in the tests of this module; it is not cryptographic.
public struct RoundingStream: Sendable {
  /// The key word added to the counter.
  public let firstWord: UInt32
  /// The key word added between the rounds.
  public let secondWord: UInt32
  /// 2o + 1, the low byte of every draw's numerator.
  public let lowByte: UInt32

  /// The stream of `key`, usually the key of one bucket.
  @inlinable
  public init(key: RandomKey) {
    firstWord = UInt32(truncatingIfNeeded: key.word)
    secondWord = UInt32(truncatingIfNeeded: key.word >> 32)
    lowByte = UInt32(truncatingIfNeeded: scrambled(key.word) >> 57) << 1 | 1
  }

  /// The stream of the coordinates from `element` on, a multiple of 32.
  package func advanced(to element: Int) -> RoundingStream {
    precondition(element & 31 == 0, "A stream can start at a block of 32 coordinates, not at \(element)")
    let words = UInt32(truncatingIfNeeded: element >> 1)
    return RoundingStream(firstWord: firstWord &+ words &* 0x9E37_79B9, secondWord: secondWord, lowByte: lowByte)
  }

  private init(firstWord: UInt32, secondWord: UInt32, lowByte: UInt32) {
    self.firstWord = firstWord
    self.secondWord = secondWord
    self.lowByte = lowByte
  }

  /// The hash word at `index`, which serves two coordinates.
  @inlinable
  public func word(at index: UInt32) -> UInt32 {
    var x = index &* 0x9E37_79B9 &+ firstWord
    x ^= x >> 16
    x = x &* 0x21F0_AAAD &+ secondWord
    x ^= x >> 15
    x = x &* 0xD35A_2D97
    return x ^ (x >> 15)
  }

  /// The numerator of the draw of coordinate `element`: an odd integer below 2²⁴.
  @inlinable
  public func numerator(at element: Int) -> UInt32 {
    let word = word(at: UInt32(truncatingIfNeeded: (element >> 5) << 4 | element & 15))
    return (element & 16 == 0 ? word >> 16 : word & 0xFFFF) << 8 | lowByte
  }

  /// The draw of coordinate `element`, uniform on the odd multiples of 2⁻²⁴ in (0, 1).
  @inlinable
  public func draw(at element: Int) -> Float { Float(numerator(at: element)) * 0x1p-24 }
}
