/// What a level quantizer makes of one layer.
///
/// `norms` has one entry a bucket: 0 for a bucket of zeros; ``exactMark`` for a bucket that travels exactly, because
/// a coordinate is not finite or the norm is out of the ordinary range; else the norm.
/// `symbols` has one byte a coordinate: the index of its level and, for magnitudes, the sign in bit 7. In the buckets
/// without an ordinary norm the bytes are 0. `exact` holds the coordinates of the exact buckets, in order.
public struct LevelSymbols: Hashable, Sendable {
  public var norms: [Float] = []
  public var symbols: [UInt8] = []
  public var exact: [Float] = []

  /// No symbols; buffers grow with use and keep their memory when used again.
  public init() {}

  /// The norm of a bucket that travels exactly: the quiet NaN 0x7FC00000.
  public static let exactMark = Float(bitPattern: 0x7FC0_0000)

  /// The norms that a bucket can be divided by: 2⁻¹⁰⁰ to 2¹⁰⁰, where a reciprocal is accurate.
  public static let ordinaryNorms: ClosedRange<Float> = 0x1p-100...0x1p100

  /// Whether a bucket with `norm` has symbols.
  public static func isOrdinary(_ norm: Float) -> Bool { ordinaryNorms.contains(norm) }

  /// Whether a norm can have been sent: 0, ordinary, or ``exactMark``.
  package static func isValid(_ norm: Float) -> Bool {
    norm.bitPattern == 0 || isOrdinary(norm) || norm.bitPattern == exactMark.bitPattern
  }

  /// The norm as it is sent: itself, 0, or ``exactMark``.
  package static func canonical(_ norm: Float) -> Float {
    norm == 0 ? 0 : isOrdinary(norm) ? norm : exactMark
  }

  /// Makes room for a layer of `count` coordinates; the symbols are unspecified.
  package mutating func prepare(count: Int) {
    norms.removeAll(keepingCapacity: true)
    exact.removeAll(keepingCapacity: true)
    if symbols.count > count { symbols.removeLast(symbols.count - count) }
    if symbols.count < count { symbols.append(contentsOf: repeatElement(0, count: count - symbols.count)) }
  }

  /// How many coordinates the exact buckets have.
  package func exactCount(bucketSize: Int) -> Int { count(bucketSize: bucketSize) { $0.isNaN } }

  /// How many coordinates the buckets with ordinary norms have.
  package func liveCount(bucketSize: Int) -> Int { count(bucketSize: bucketSize, where: Self.isOrdinary) }

  private func count(bucketSize: Int, where isCounted: (Float) -> Bool) -> Int {
    norms.enumerated().reduce(0) { sum, entry in
      guard isCounted(entry.element) else { return sum }
      return sum + min((entry.offset + 1) * bucketSize, symbols.count) - entry.offset * bucketSize
    }
  }

  /// Spreads the symbols of the buckets with ordinary norms; the other buckets get 0.
  package mutating func scatter(_ live: [UInt8], bucketSize: Int) {
    var next = 0
    for (bucket, norm) in norms.enumerated() {
      let isOrdinary = Self.isOrdinary(norm)
      for i in bucket * bucketSize..<min((bucket + 1) * bucketSize, symbols.count) {
        symbols[i] = isOrdinary ? live[next] : 0
        next += isOrdinary ? 1 : 0
      }
    }
  }
}
