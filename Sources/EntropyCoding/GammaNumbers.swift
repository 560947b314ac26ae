extension BitWriter {
  /// Writes a single number as Elias gamma: its length in unary, then itself, most significant bit first.
  ///
  /// - Parameter number: 1…2³¹.
  package mutating func write(gamma number: UInt64) {
    precondition((1...1 << 31).contains(number), "Elias gamma writes numbers of 1 to 2³¹, not \(number)")
    let length = UInt64.bitWidth - number.leadingZeroBitCount
    write(0, count: length - 1)
    for bit in stride(from: length - 1, through: 0, by: -1) { write(bit: number >> UInt64(bit) & 1 == 1) }
  }
}

extension BitReader {
  /// Reads a number that ``BitWriter/write(gamma:)`` wrote.
  ///
  /// - Returns: 1…2³² − 1.
  /// - Throws: ``DecodingError/truncated``, or ``DecodingError/invalidCodeword`` for more than 31 zeros.
  package mutating func readGamma() throws(DecodingError) -> UInt64 {
    let next = nextWord
    let zeros = next.trailingZeroBitCount
    // Numbers of up to 28 zeros lie in the bits at hand.
    guard zeros <= 28, 2 * zeros + 1 <= remaining else { return try readLongGamma() }
    skip(2 * zeros + 1)
    var digits = next >> UInt64(zeros)
    var number: UInt64 = 0
    for _ in 0...zeros {
      number = number << 1 | digits & 1
      digits >>= 1
    }
    return number
  }

  private mutating func readLongGamma() throws(DecodingError) -> UInt64 {
    var ahead = self
    var zeros = 0
    while try !ahead.readBit() {
      zeros += 1
      guard zeros < 32 else { throw .invalidCodeword }
    }
    var number: UInt64 = 1
    for _ in 0..<zeros { number = number << 1 | (try ahead.readBit() ? 1 : 0) }
    self = ahead
    return number
  }
}
