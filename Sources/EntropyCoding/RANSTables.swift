/// The tables of a rANS code of any alphabet, and the coding of one block, a symbol at a time.
///
/// This is the executable specification of the kernels, which take over for up to 32 numbers.
struct RANSTables: Sendable {
  let encodings: [RANSEncoding]
  /// The symbol of each slot, a state modulo 2ᵇ.
  let slotSymbols: [UInt16]
  /// The frequency of each symbol in bits 16…31 and its cumulative frequency in bits 0…15.
  let intervals: [UInt32]
  /// b, the binary logarithm of the total frequency.
  let totalBits: UInt32

  init(_ distribution: SymbolDistribution) {
    totalBits = UInt32(distribution.totalBits)
    var encodings: [RANSEncoding] = []
    var slotSymbols: [UInt16] = []
    var intervals: [UInt32] = []
    slotSymbols.reserveCapacity(distribution.total)
    for (symbol, frequency) in distribution.frequencies.enumerated() {
      let start = UInt32(slotSymbols.count)
      encodings.append(RANSEncoding(frequency: UInt32(frequency), start: start, totalBits: distribution.totalBits))
      intervals.append(UInt32(frequency) << 16 | start)
      slotSymbols.append(contentsOf: repeatElement(UInt16(symbol), count: Int(frequency)))
    }
    self.encodings = encodings
    self.slotSymbols = slotSymbols
    self.intervals = intervals
  }
}

/// How to code one symbol without a division.
///
/// With M = ⌈2⁶⁴/f⌉ the high half of x·M is ⌊x/f⌋ for all x < 2³² and 2 ≤ f ≤ 2¹⁴, as x·(M·f − 2⁶⁴) < 2⁶⁴. For f = 1,
/// M = 2⁶⁴ − 1 gives x − 1, which the bias makes good.
struct RANSEncoding: Sendable {
  let reciprocal: UInt64
  let frequency: UInt32
  /// 2ᵇ − f.
  let complement: UInt32
  let bias: UInt32

  init(frequency: UInt32, start: UInt32, totalBits: Int) {
    self.frequency = frequency
    complement = 1 << UInt32(totalBits) - frequency
    reciprocal = frequency == 1 ? .max : .max / UInt64(frequency) + 1
    bias = frequency == 1 ? start + complement : start
  }

  /// ⌊x/f⌋·2ᵇ + x mod f + c, that is x + ⌊x/f⌋·(2ᵇ − f) + c.
  @inline(__always)
  func pushed(onto x: UInt32) -> UInt32 {
    let quotient = UInt32(truncatingIfNeeded: UInt64(x).multipliedFullWidth(by: reciprocal).high)
    return x &+ bias &+ quotient &* complement
  }
}
