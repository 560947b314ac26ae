extension RoundingStream {
  /// The numerator of the dither of coordinate `element` over 2¹⁷: an odd integer below 2¹⁷.
  ///
  /// It is 2m + 1 for the coordinate's 16 bits m of ``word(at:)``; the low byte of the stream plays no part.
  @inlinable
  public func ditherNumerator(at element: Int) -> UInt32 {
    let word = word(at: UInt32(truncatingIfNeeded: (element >> 5) << 4 | element & 15))
    return (element & 16 == 0 ? word >> 16 : word & 0xFFFF) << 1 | 1
  }

  /// The dither of coordinate `element`, uniform on the odd multiples of 2⁻¹⁷ in (0, 1).
  ///
  /// Its mean is 1/2 exactly.
  @inlinable
  public func dither(at element: Int) -> Float { Float(ditherNumerator(at: element)) * 0x1p-17 }
}
