/// The bits that layers of one type took in frames.
public struct LayerTraffic: Hashable, Sendable, Codable {
  /// Norms of buckets.
  public var norms = 0
  /// Indices, signs, and coordinates that travel exactly.
  public var symbols = 0
  /// Lengths of streams and padding; the header of a frame is counted apart.
  public var overhead = 0

  /// No bits.
  public init() {}

  /// All bits.
  public var total: Int { norms + symbols + overhead }

  public static func += (left: inout LayerTraffic, right: LayerTraffic) {
    left.norms += right.norms
    left.symbols += right.symbols
    left.overhead += right.overhead
  }
}
