extension HuffmanCode {
  /// Writes the code lengths: 12 bits of symbol count less one, then 4 bits per symbol.
  ///
  /// - Parameter bits: Where to write.
  public func writeLengths(to bits: inout BitWriter) {
    bits.write(UInt64(symbolCount - 1), count: 12)
    for length in lengths { bits.write(UInt64(length), count: 4) }
  }

  /// Reads code lengths.
  ///
  /// - Parameter bits: Where to read; does not move when this throws.
  /// - Throws: ``DecodingError/truncated`` or ``DecodingError/incompleteCode``.
  public init(lengthsFrom bits: inout BitReader) throws(DecodingError) {
    var cursor = bits
    let count = Int(try cursor.read(12)) + 1
    guard 4 * count <= cursor.remaining else { throw .truncated }
    var lengths: [UInt8] = []
    lengths.reserveCapacity(count)
    for _ in 0..<count { lengths.append(UInt8(try cursor.read(4))) }
    try self.init(lengths: lengths)
    bits = cursor
  }
}
