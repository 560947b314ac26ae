extension SymbolDistribution {
  /// Writes the distribution: 12 bits of symbol count less one, then every frequency but the last, which the sum implies.
  ///
  /// A frequency f is written as e = ⌊log₂ f⌋ in 4 bits and the e lower bits of f.
  ///
  /// - Parameter bits: Where to write.
  public func write(to bits: inout BitWriter) {
    bits.write(UInt64(symbolCount - 1), count: 12)
    for frequency in frequencies.dropLast() {
      let exponent = UInt16.bitWidth - 1 - frequency.leadingZeroBitCount
      bits.write(UInt64(exponent), count: 4)
      bits.write(UInt64(frequency) & (1 << UInt64(exponent) - 1), count: exponent)
    }
  }

  /// Reads a distribution.
  ///
  /// - Parameter bits: Where to read; does not move when this throws.
  /// - Throws: ``DecodingError/truncated`` or ``DecodingError/invalidDistribution``.
  public init(from bits: inout BitReader) throws(DecodingError) {
    var cursor = bits
    let count = Int(try cursor.read(12)) + 1
    var missing = Self.total(symbolCount: count)
    var frequencies: [UInt16] = []
    for _ in 0..<(count - 1) {
      let exponent = Int(try cursor.read(4))
      let frequency = 1 << exponent | Int(try cursor.read(exponent))
      missing -= frequency
      guard missing > 0 else { throw .invalidDistribution }
      frequencies.append(UInt16(frequency))
    }
    frequencies.append(UInt16(missing))
    self.init(trusted: frequencies)
    bits = cursor
  }

  /// The distribution as bytes of its own.
  ///
  /// - Returns: What ``write(to:)`` writes, padded with zero bits.
  public func encoded() -> [UInt8] {
    var bits = BitWriter()
    write(to: &bits)
    return bits.finish()
  }

  /// Reads a distribution that fills `bytes`.
  ///
  /// - Parameter bytes: What ``encoded()`` returned.
  /// - Throws: A ``DecodingError``.
  public init(decoding bytes: ArraySlice<UInt8>) throws(DecodingError) {
    var bits = BitReader(bytes)
    try self.init(from: &bits)
    try bits.finish()
  }
}
