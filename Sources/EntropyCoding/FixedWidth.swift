/// Numbers as fields of equal width, one after the other, the least significant bit of each first.
///
/// Eight fields of w bits fill w bytes exactly: the bytes are those of the little-endian integer Σ number_i·2^(w·i).
public struct FixedWidth: Code, Hashable {
  /// The bits of a field, 1…16.
  public let width: Int

  /// The code with fields of `width` bits.
  ///
  /// - Parameter width: 1…16.
  public init(width: Int) {
    precondition((1...16).contains(width), "A field has 1 to 16 bits, not \(width)")
    self.width = width
  }

  /// The narrowest code for `count` numbers.
  ///
  /// - Parameter count: 1…65536; a single number still takes one bit.
  public init(symbolCount count: Int) {
    precondition((1...65536).contains(count), "Fields of up to 16 bits hold 1 to 65536 numbers, not \(count)")
    self.init(width: max(1, Int.bitWidth - (count - 1).leadingZeroBitCount))
  }

  /// 2 to the power of the width.
  public var symbolCount: Int { 1 << width }

  public func cost(of symbol: Int) -> Double { Double(width) }

  public func encode(_ symbols: Span<UInt8>, base: Int, to bits: inout BitWriter) {
    checkRange(symbols, base: base)
    let chunk = 4096
    symbols.withUnsafeBytes { symbols in
      for start in stride(from: 0, to: symbols.count, by: chunk) {
        let part = UnsafeRawBufferPointer(rebasing: symbols[start..<min(start + chunk, symbols.count)])
        bits.withSink(maximumBits: part.count * width) { sink in
          let packed = width <= 8 ? FieldPacking(width: width).put(part, base: base, to: &sink) : 0
          for symbol in part[packed...] {
            sink.put(UInt64(base &+ Int(symbol)), count: width)
            sink.flush()
          }
        }
      }
    }
  }

  public func decode(
    into symbols: inout MutableSpan<UInt8>, alphabet: Int, base: Int, from bits: inout BitReader
  ) throws(DecodingError) {
    checkAlphabet(alphabet, base: base)
    try symbols.withUnsafeMutableBytes { (output) throws(DecodingError) in
      try bits.withSource { source in
        guard output.count <= source.remaining / width else { return .truncated }
        var isOutOfRange = false
        let eights = width <= 7 && base + alphabet <= 1 << width
        let unpacked =
          eights
          ? FieldPacking(width: width).get(
            output, alphabet: alphabet, base: base, from: &source, isOutOfRange: &isOutOfRange) : 0
        let rest = UnsafeMutableRawBufferPointer(rebasing: output[unpacked...])
        isOutOfRange = get(rest, alphabet: alphabet, base: base, from: &source) || isOutOfRange
        return isOutOfRange ? .symbolOutOfRange : nil
      }
    }
  }

  /// Reads field by field, as many as one word holds at a time.
  ///
  /// - Returns: Whether a number is outside the alphabet.
  private func get(
    _ output: UnsafeMutableRawBufferPointer, alphabet: Int, base: Int, from source: inout BitSource
  ) -> Bool {
    let mask = UInt64(symbolCount - 1)
    var largest: UInt64 = 0
    var index = 0
    while index < output.count {
      var word = source.paddedWord()
      let count = min(57 / width, output.count - index)
      for offset in 0..<count {
        let symbol = word & mask &- UInt64(base)
        largest = max(largest, symbol)
        output[index + offset] = UInt8(truncatingIfNeeded: symbol)
        word &>>= UInt64(width)
      }
      source.position += count * width
      index += count
    }
    return !output.isEmpty && largest >= UInt64(alphabet)
  }
}
