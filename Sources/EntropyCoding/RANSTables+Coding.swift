extension RANSTables {
  func encode(_ block: UnsafeBufferPointer<UInt8>, base: Int, to bits: inout BitWriter) {
    encodings.withUnsafeBufferPointer { encodings in
      encode(block, UnsafeBufferPointer(rebasing: encodings[base...]), to: &bits)
    }
  }

  private func encode(
    _ block: UnsafeBufferPointer<UInt8>, _ encodings: UnsafeBufferPointer<RANSEncoding>, to bits: inout BitWriter
  ) {
    let lanes = RANSCode.laneCount(symbolCount: block.count)
    // A symbol emits at most one word; one more slot takes the store that precedes every decision to emit.
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: block.count + 1) { words in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: lanes) { states in
        states.initialize(repeating: RANSCode.initialState)
        let shift = 32 - totalBits
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

  func decode(
    _ output: UnsafeMutableBufferPointer<UInt8>, alphabet: Int, base: Int, from source: inout BitSource
  ) -> DecodingError? {
    slotSymbols.withUnsafeBufferPointer { slots in
      intervals.withUnsafeBufferPointer { intervals in
        let run = RANSDecoding(
          slots: slots, intervals: intervals, totalBits: totalBits, base: UInt32(min(base, 1 << 31)),
          alphabet: UInt32(alphabet))
        return run.decode(output, from: &source)
      }
    }
  }
}

/// The decoding of one block.
private struct RANSDecoding {
  let slots: UnsafeBufferPointer<UInt16>
  let intervals: UnsafeBufferPointer<UInt32>
  let totalBits: UInt32
  let base: UInt32
  let alphabet: UInt32

  func decode(_ output: UnsafeMutableBufferPointer<UInt8>, from source: inout BitSource) -> DecodingError? {
    let lanes = RANSCode.laneCount(symbolCount: output.count)
    let bytes = UnsafeRawBufferPointer(rebasing: source.bytes[(source.position >> 3)...])
    guard bytes.count >= 4 * lanes else { return .truncated }
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: lanes) { states in
      for lane in 0..<lanes {
        states[lane] = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * lane, as: UInt32.self))
        guard states[lane] >= RANSCode.initialState else { return .inconsistentState }
      }
      var offset = 4 * lanes
      if let error = decode(output, states, bytes, &offset) { return error }
      guard states.allSatisfy({ $0 == RANSCode.initialState }) else { return .inconsistentState }
      source.position += 8 * offset
      return nil
    }
  }

  private func decode(
    _ output: UnsafeMutableBufferPointer<UInt8>, _ states: UnsafeMutableBufferPointer<UInt32>,
    _ bytes: UnsafeRawBufferPointer, _ offset: inout Int
  ) -> DecodingError? {
    var cursor = offset
    var largest: UInt32 = 0
    var index = 0
    while index < output.count {
      let group = min(states.count, output.count &- index)
      // With a word for every lane of the group left, no lane needs a check.
      let isAmple = cursor &+ 2 &* group <= bytes.count
      for lane in 0..<group {
        var state = popped(states[lane], to: &output[index &+ lane], &largest)
        if !isAmple {
          let isSmall = state < RANSCode.initialState
          guard !isSmall || cursor + 2 <= bytes.count else { return .truncated }
          if !isSmall {
            states[lane] = state
            continue
          }
        }
        // In arithmetic: whether a state is too small is close to random, and no branch predictor can learn it.
        let word = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: cursor, as: UInt16.self))
        let isSmall = ((state &>> 16) &- 1) &>> 31
        state = state &<< (isSmall &<< 4) | UInt32(word) & (0 &- isSmall)
        cursor &+= Int(isSmall &<< 1)
        states[lane] = state
      }
      index &+= group
    }
    offset = cursor
    return largest < alphabet ? nil : .symbolOutOfRange
  }

  /// Takes a symbol from a state; the result may be too small.
  @inline(__always)
  private func popped(_ state: UInt32, to symbol: inout UInt8, _ largest: inout UInt32) -> UInt32 {
    let slot = state & ((1 &<< totalBits) &- 1)
    let number = slots[Int(slot)]
    let interval = intervals[Int(number)]
    let shifted = UInt32(number) &- base
    largest = max(largest, shifted)
    symbol = UInt8(truncatingIfNeeded: shifted)
    return (interval &>> 16) &* (state &>> totalBits) &+ slot &- (interval & 0xFFFF)
  }
}
