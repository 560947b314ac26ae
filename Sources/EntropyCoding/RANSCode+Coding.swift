extension RANSCode {
  public func encode(_ symbols: Span<UInt8>, base: Int, to bits: inout BitWriter) {
    checkRange(symbols, base: base)
    symbols.withUnsafeBufferPointer { encode(trusted: $0, base: base, to: &bits) }
  }

  /// Writes symbols that are numbers of the code by construction, as ``encode(_:base:to:)`` writes any.
  ///
  /// - Parameters:
  ///   - symbols: The symbols j, each with `base + j < symbolCount`.
  ///   - base: The number of symbol 0, not negative.
  ///   - bits: Where to write.
  package func encode(trusted symbols: UnsafeBufferPointer<UInt8>, base: Int = 0, to bits: inout BitWriter) {
    if symbols.isEmpty { return }
    bits.alignToByte()
    for start in stride(from: 0, to: symbols.count, by: Self.blockSize) {
      let block = UnsafeBufferPointer(rebasing: symbols[start..<min(start + Self.blockSize, symbols.count)])
      switch coder {
      case .kernels(let model): model.encode(block, base: base, to: &bits)
      case .tables(let tables): tables.encode(block, base: base, to: &bits)
      }
    }
  }

  public func decode(
    into symbols: inout MutableSpan<UInt8>, alphabet: Int, base: Int, from bits: inout BitReader
  ) throws(DecodingError) {
    checkAlphabet(alphabet, base: base)
    if symbols.isEmpty { return }
    var cursor = bits
    try cursor.alignToByte()
    try symbols.withUnsafeMutableBufferPointer { (output) throws(DecodingError) in
      for start in stride(from: 0, to: output.count, by: Self.blockSize) {
        let block = UnsafeMutableBufferPointer(rebasing: output[start..<min(start + Self.blockSize, output.count)])
        try cursor.withSource { source in
          switch coder {
          case .kernels(let model): model.decode(block, alphabet: alphabet, base: base, from: &source)
          case .tables(let tables): tables.decode(block, alphabet: alphabet, base: base, from: &source)
          }
        }
      }
    }
    bits = cursor
  }
}
