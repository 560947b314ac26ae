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

  /// The norm as it is sent: itself, 0, or ``exactMark``.
  static func canonical(_ norm: Float) -> Float {
    norm == 0 || isOrdinary(norm) ? norm : exactMark
  }

  /// Makes room for a layer of `count` coordinates, all symbols 0.
  mutating func reset(count: Int) {
    norms.removeAll(keepingCapacity: true)
    exact.removeAll(keepingCapacity: true)
    if symbols.count == count {
      symbols.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    } else {
      symbols = [UInt8](repeating: 0, count: count)
    }
  }
}
