import LaminaNumerics

/// Quantization with subtractive dither, a coordinate at a time: the executable specification of the kernels.
///
/// All operations are single IEEE operations of binary32, none fused, in this order. Encoding, with s the reciprocal of
/// the step Δ and d the coordinate's dither: q = ⌊v·s + d⌋, the product rounded, then the sum. Decoding:
/// x = Δ·((q + ½) − d), rounded after each operation. The error x − v is uniform on ±Δ/2 and independent of v, up to
/// the grain of the dither, 2⁻¹⁶, and rounding.
///
/// Of q the low `rawBits` bits travel as they are. The rest, h = ⌊q/2ʳ⌋, has the number h + 16 if that is 1…31;
/// number 0 is an escape, whose coordinate travels otherwise.
///
/// R. Zamir and M. Feder, On universal quantization by randomized uniform/lattice quantizers (IEEE Trans. Inf. Theory
/// 38, 1992).
package struct DitherRounding: Sendable {
  /// The dither of the bucket.
  package let stream: RoundingStream
  /// How many low bits of q travel as they are, 0…8.
  package let rawBits: Int

  /// The number of the numbers.
  package static let numberCount = 32
  /// The number of coordinates whose h is out of range.
  package static let escape: UInt8 = 0
  /// The number of h = 0.
  package static let middle: Int32 = 16

  /// The rounding of a bucket.
  package init(stream: RoundingStream, rawBits: Int) {
    precondition((0...8).contains(rawBits), "0 to 8 bits travel raw, not \(rawBits)")
    self.stream = stream
    self.rawBits = rawBits
  }

  /// The integer q of the coordinate at `index`; `Int32.min` where q is not representable, or not a number.
  package func integer(of value: Float, reciprocal: Float, at index: Int) -> Int32 {
    let scaled = value * reciprocal
    let shifted = scaled + stream.dither(at: index)
    return Int32(exactly: shifted.rounded(.down)) ?? .min
  }

  /// The number of an integer, or ``escape``.
  package func number(of integer: Int32) -> UInt8 {
    let number = Int(integer >> Int32(rawBits)) + Int(Self.middle)
    return (0..<Self.numberCount).contains(number) ? UInt8(number) : Self.escape
  }

  /// The low bits of an integer, which travel as they are.
  package func low(of integer: Int32) -> UInt8 { UInt8(integer & (1 << Int32(rawBits) - 1)) }

  /// The integer with this number, not an escape, and these low bits.
  package func integer(number: UInt8, low: UInt8) -> Int32 {
    (Int32(number) - Self.middle) << Int32(rawBits) | Int32(low)
  }

  /// The decoded value of an integer at `index`.
  package func value(of integer: Int32, step: Float, at index: Int) -> Float {
    let middle = Float(integer) + 0.5
    return step * (middle - stream.dither(at: index))
  }
}
