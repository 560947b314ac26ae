extension PrefixTable {
  /// Writes the codewords of `base` + symbol; the range has been checked.
  func encode(_ symbols: Span<UInt8>, base: Int, to bits: inout BitWriter) {
    if symbols.isEmpty { return }
    let chunk = 4096
    symbols.withUnsafeBufferPointer { symbols in
      codewords.withUnsafeBufferPointer { words in
        let words = UnsafeBufferPointer(rebasing: words[base...])
        for start in stride(from: 0, to: symbols.count, by: chunk) {
          let part = UnsafeBufferPointer(rebasing: symbols[start..<min(start + chunk, symbols.count)])
          bits.withSink(maximumBits: part.count * longest) { sink in
            if longest <= 14 {
              Self.put(part, words, &sink, perFlush: 4)
            } else {
              Self.put(part, words, &sink, perFlush: 2)
            }
          }
        }
      }
    }
  }

  /// Between flushes 7 + `perFlush` × longest bits must fit into the sink's 64.
  @inline(__always)
  private static func put(
    _ symbols: UnsafeBufferPointer<UInt8>, _ words: UnsafeBufferPointer<UInt64>, _ sink: inout BitSink, perFlush: Int
  ) {
    var index = 0
    while index &+ perFlush <= symbols.count {
      for offset in 0..<perFlush {
        let word = words[Int(symbols[index &+ offset])]
        sink.put(word & 0xFFFF_FFFF, count: Int(truncatingIfNeeded: word &>> 32))
      }
      sink.flush()
      index &+= perFlush
    }
    while index < symbols.count {
      let word = words[Int(symbols[index])]
      sink.put(word & 0xFFFF_FFFF, count: Int(truncatingIfNeeded: word &>> 32))
      sink.flush()
      index &+= 1
    }
  }

  /// Reads codewords until `symbols` is full.
  func decode(
    into symbols: inout MutableSpan<UInt8>, alphabet: Int, base: Int, from bits: inout BitReader
  ) throws(DecodingError) {
    try symbols.withUnsafeMutableBufferPointer { (output) throws(DecodingError) in
      try bits.withSource { source in
        entries.withUnsafeBufferPointer { table in
          codewords.withUnsafeBufferPointer { words in
            var run = Run(
              table: table, words: words, longest: longest, output: output, base: UInt32(min(base, 1 << 31)),
              alphabet: UInt32(alphabet))
            run.decodeWords(&source)
            return run.decodeRest(&source)
          }
        }
      }
    }
  }

  /// One pass over the output.
  private struct Run {
    let table: UnsafeBufferPointer<UInt32>
    let words: UnsafeBufferPointer<UInt64>
    let longest: Int
    let output: UnsafeMutableBufferPointer<UInt8>
    let base: UInt32
    let alphabet: UInt32
    var index = 0
    var isOutOfRange = false

    /// Decodes while whole words can be loaded and the output has room for all that one word can hold.
    @inline(__always)
    mutating func decodeWords(_ source: inout BitSource) {
      let mask = UInt64(1) << UInt64(PrefixTable.rootBits) - 1
      while index &+ 10 <= output.count && source.hasFullWord {
        var word = source.fullWord()
        var consumed: UInt64 = 0
        var entry: UInt32 = 0
        for _ in 0..<5 {
          entry = table[Int(truncatingIfNeeded: word & mask)]
          if entry & 0xC0 == 0 { break }
          let length = UInt64(entry & 63)
          word &>>= length
          consumed &+= length
          store(entry)
          index &+= Int(entry &>> 6 & 3)
        }
        source.position &+= Int(truncatingIfNeeded: consumed)
        if entry & 0xC0 == 0, decodeOne(&source) != nil { return }
      }
    }

    /// Decodes symbol by symbol with all checks, up to the end of the output.
    mutating func decodeRest(_ source: inout BitSource) -> DecodingError? {
      while index < output.count {
        if let error = decodeOne(&source) { return error }
      }
      return isOutOfRange ? .symbolOutOfRange : nil
    }

    /// Decodes one symbol, or returns why there is none and stays.
    private mutating func decodeOne(_ source: inout BitSource) -> DecodingError? {
      let word = source.paddedWord()
      var entry = table[Int(word & (UInt64(1) << UInt64(PrefixTable.rootBits) - 1))]
      if entry & 0xC0 == 0, entry != 0 {
        let mask = UInt64(1) << UInt64(entry & 63) - 1
        entry = table[Int(entry >> 8) + Int(word >> UInt64(PrefixTable.rootBits) & mask)]
      }
      guard entry != 0 else { return source.remaining < longest ? .truncated : .invalidCodeword }
      let symbol = entry >> 8 & 0xFFF
      let length = Int(words[Int(symbol)] >> 32)
      guard length <= source.remaining else { return .truncated }
      output[index] = adjusted(symbol)
      index += 1
      source.position += length
      return nil
    }

    /// Stores the two symbols of an entry; a lone symbol's repetition is overwritten by the next one.
    @inline(__always)
    private mutating func store(_ entry: UInt32) {
      output[index] = adjusted(entry &>> 8 & 0xFFF)
      output[index &+ 1] = adjusted(entry &>> 20)
    }

    @inline(__always)
    private mutating func adjusted(_ number: UInt32) -> UInt8 {
      let symbol = number &- base
      isOutOfRange = isOutOfRange || symbol >= alphabet
      return UInt8(truncatingIfNeeded: symbol)
    }
  }
}
