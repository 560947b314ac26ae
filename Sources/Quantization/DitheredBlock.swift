/// What a dithered quantizer makes of a run of whole buckets of one layer.
///
/// `scales` has one entry a bucket: 0 for a bucket of zeros, `LevelSymbols.exactMark` for one that travels exactly, else
/// its root mean square, or that of all that share a scale, or 1 where the step is agreed. The live coordinates, those of
/// the other buckets, have integers q = 2ʳh + l: `numbers` holds h + 16 where |h| ≤ 15, else 0, an escape, whose h
/// follows in `escapes`; `lows` holds l where r > 0. `exact` holds the coordinates of the exact buckets, in order.
public struct DitheredBlock: Hashable, Sendable {
  public package(set) var scales: [Float] = []
  public package(set) var numbers: [UInt8] = []
  public package(set) var lows: [UInt8] = []
  public package(set) var escapes: [Int32] = []
  public package(set) var exact: [Float] = []
  /// r, the number of low bits of q that are not coded.
  public package(set) var rawBits = 0

  /// A block of nothing; buffers grow with use and keep their memory when used again.
  public init() {}

  /// The number that stands for |h| > 15.
  public static let escapeNumber: UInt8 = 0
  /// The count of numbers: −15…15 and the escape.
  public static let numberCount = 32
  /// The most bits that are not coded.
  public static let mostRawBits = 8
  /// The largest |q|: beyond it, binary32 has no fraction left to dither.
  public static let largestInteger: Int32 = 1 << 22

  /// The largest |h| with r raw bits.
  package static func largestHigh(rawBits: Int) -> Int32 { largestInteger >> Int32(rawBits) }

  package mutating func prepare(liveCount: Int, rawBits: Int) {
    self.rawBits = rawBits
    numbers.resize(to: liveCount)
    lows.resize(to: rawBits > 0 ? liveCount : 0)
    escapes.removeAll(keepingCapacity: true)
  }

  /// Drops the symbols behind the first `liveCount`.
  mutating func resize(liveCount: Int) {
    numbers.resize(to: liveCount)
    lows.resize(to: rawBits > 0 ? liveCount : 0)
  }

  /// Lends the memory of numbers and lows beside the rest of the block, whose numbers and lows are empty meanwhile.
  mutating func withBytes(
    _ body: (UnsafeMutableBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>, inout DitheredBlock) -> Void
  ) {
    var (numbers, lows): ([UInt8], [UInt8]) = ([], [])
    swap(&numbers, &self.numbers)
    swap(&lows, &self.lows)
    numbers.withUnsafeMutableBufferPointer { numbers in
      lows.withUnsafeMutableBufferPointer { lows in body(numbers, lows, &self) }
    }
    swap(&numbers, &self.numbers)
    swap(&lows, &self.lows)
  }

  /// How many of `count` coordinates in buckets of `bucketSize` lie in buckets whose scale satisfies a condition.
  package func coordinates(of count: Int, bucketSize: Int, where isCounted: (Float) -> Bool) -> Int {
    scales.enumerated().reduce(0) { sum, entry in
      guard isCounted(entry.element) else { return sum }
      return sum + min((entry.offset + 1) * bucketSize, count) - entry.offset * bucketSize
    }
  }
}

extension [UInt8] {
  /// Grows or shrinks to `count` bytes; new ones are zero, and memory is kept.
  package mutating func resize(to count: Int) {
    if self.count > count { removeLast(self.count - count) }
    if self.count < count { append(contentsOf: repeatElement(0, count: count - self.count)) }
  }
}
