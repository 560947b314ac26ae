extension RANSCode {
  public func encode(_ symbols: Span<UInt8>, base: Int, to bits: inout BitWriter) {
    checkRange(symbols, base: base)
    if symbols.isEmpty { return }
    bits.alignToByte()
    symbols.withUnsafeBufferPointer { symbols in
      encodings.withUnsafeBufferPointer { encodings in
        let encodings = UnsafeBufferPointer(rebasing: encodings[base...])
        for start in stride(from: 0, to: symbols.count, by: Self.blockSize) {
          let block = UnsafeBufferPointer(rebasing: symbols[start..<min(start + Self.blockSize, symbols.count)])
          encode(block, encodings, to: &bits)
        }
      }
    }
  }

  private func encode(
    _ block: UnsafeBufferPointer<UInt8>, _ encodings: UnsafeBufferPointer<RANSEncoding>, to bits: inout BitWriter
  ) {
    let lanes = Self.laneCount(symbolCount: block.count)
    // A symbol emits at most one word; one more slot takes the store that precedes every decision to emit.
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: block.count + 1) { words in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: lanes) { states in
        states.initialize(repeating: Self.initialState)
        let shift = UInt32(32 - distribution.totalBits)
        var next = block.count
        var index = block.count
        while index > 0 {
          index &-= 1
          let lane = index & (lanes &- 1)
          let encoding = encodings[Int(block[index])]
          var state = states[lane]
          words[next] = UInt16(truncatingIfNeeded: state).littleEndian
          let emits = state &>> shift >= encoding.frequency
          next &-= emits ? 1 : 0
          state = emits ? state &>> 16 : state
          states[lane] = encoding.pushed(onto: state)
        }
        for lane in 0..<lanes { states[lane] = states[lane].littleEndian }
        bits.write(bytes: UnsafeRawBufferPointer(states))
        bits.write(bytes: UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: words[(next + 1)...])))
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
          slotSymbols.withUnsafeBufferPointer { slots in
            intervals.withUnsafeBufferPointer { intervals in
              var run = RANSDecoding(
                slots: slots, intervals: intervals, totalBits: UInt32(distribution.totalBits),
                base: UInt32(clamping: base), alphabet: UInt32(alphabet))
              return run.decode(block, from: &source)
            }
          }
        }
      }
    }
    bits = cursor
  }
}

/// The decoding of one block.
private struct RANSDecoding {
  let slots: UnsafeBufferPointer<UInt16>
  let intervals: UnsafeBufferPointer<UInt32>
  let totalBits: UInt32
  let base: UInt32
  let alphabet: UInt32
  var isOutOfRange = false

  mutating func decode(_ output: UnsafeMutableBufferPointer<UInt8>, from source: inout BitSource) -> DecodingError? {
    let lanes = RANSCode.laneCount(symbolCount: output.count)
    let bytes = UnsafeRawBufferPointer(rebasing: source.bytes[(source.position >> 3)...])
    guard bytes.count >= 4 * lanes else { return .truncated }
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: lanes) { states in
      for lane in 0..<lanes {
        states[lane] = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * lane, as: UInt32.self))
        guard states[lane] >= RANSCode.initialState else { return .inconsistentState }
      }
      var offset = 4 * lanes
      var index = 0
      while index < output.count {
        let group = min(lanes, output.count &- index)
        // With a word for every lane of the group left, the loop needs no check.
        if offset &+ 2 &* group <= bytes.count {
          for lane in 0..<group {
            states[lane] = popped(states[lane], to: &output[index &+ lane])
            refill(&states[lane], bytes, &offset)
          }
        } else {
          for lane in 0..<group {
            states[lane] = popped(states[lane], to: &output[index &+ lane])
            guard states[lane] >= RANSCode.initialState || offset + 2 <= bytes.count else { return .truncated }
            if states[lane] < RANSCode.initialState { refill(&states[lane], bytes, &offset) }
          }
        }
        index &+= group
      }
      if isOutOfRange { return .symbolOutOfRange }
      guard states.allSatisfy({ $0 == RANSCode.initialState }) else { return .inconsistentState }
      source.position += 8 * offset
      return nil
    }
  }

  /// Takes a symbol from a state; the result may be too small.
  @inline(__always)
  private mutating func popped(_ state: UInt32, to symbol: inout UInt8) -> UInt32 {
    let slot = state & ((1 &<< totalBits) &- 1)
    let number = slots[Int(slot)]
    let interval = intervals[Int(number)]
    let shifted = UInt32(number) &- base
    isOutOfRange = isOutOfRange || shifted >= alphabet
    symbol = UInt8(truncatingIfNeeded: shifted)
    return (interval &>> 16) &* (state &>> totalBits) &+ slot &- (interval & 0xFFFF)
  }

  /// Appends a word to a state that is too small, without a branch.
  @inline(__always)
  private func refill(_ state: inout UInt32, _ bytes: UnsafeRawBufferPointer, _ offset: inout Int) {
    let word = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    let isSmall = state < RANSCode.initialState
    state = isSmall ? state &<< 16 | UInt32(word) : state
    offset &+= isSmall ? 2 : 0
  }
}
