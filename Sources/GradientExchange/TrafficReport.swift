public import Quantization
public import WireFormat

/// The bits that one worker sent.
///
/// A frame is counted once, as the papers count a broadcast; ``sentBytes`` counts it as often as it is sent. Under a
/// scatter-reduce the frames are those of all pieces and of the means that this worker publishes.
public struct TrafficReport: Hashable, Sendable, Codable {
  /// What the layers of each type took.
  public internal(set) var byType: [LayerType: LayerTraffic] = [:]
  /// Headers and checksums.
  public internal(set) var framing = 0
  /// Norms and scales of the whole vector.
  public internal(set) var vectorNorms = 0
  /// Statistics of the level updates, and on rank 0, which announces them, levels and code tables.
  public internal(set) var agreement = 0
  /// Bytes to other workers: an all-gather sends a frame K − 1 times, a scatter-reduce each piece once and the means of
  /// this worker's pieces K − 1 times.
  public internal(set) var sentBytes = 0
  /// Exchanges counted.
  public internal(set) var exchanges = 0
  /// What retries took; nil where there are none.
  public internal(set) var retries: RetryTraffic?
  /// Coordinates of one dual vector.
  public let dimension: Int

  init(dimension: Int) { self.dimension = dimension }

  /// All bits.
  public var totalBits: Int {
    byType.values.reduce(framing + vectorNorms + agreement + (retries?.bits ?? 0)) { $0 + $1.total }
  }

  /// All bits over all coordinates of all exchanges; 0 before the first.
  public var bitsPerCoordinate: Double {
    exchanges == 0 ? 0 : Double(totalBits) / (Double(exchanges) * Double(dimension))
  }

  /// The traffic since `earlier`, a report of the same exchange.
  ///
  /// - Parameter earlier: A report that was taken before this one.
  /// - Returns: The difference.
  public func since(_ earlier: TrafficReport) -> TrafficReport {
    var difference = self
    for (type, before) in earlier.byType {
      difference.byType[type, default: LayerTraffic()].norms -= before.norms
      difference.byType[type, default: LayerTraffic()].symbols -= before.symbols
      difference.byType[type, default: LayerTraffic()].overhead -= before.overhead
    }
    difference.framing -= earlier.framing
    difference.vectorNorms -= earlier.vectorNorms
    difference.agreement -= earlier.agreement
    difference.sentBytes -= earlier.sentBytes
    difference.exchanges -= earlier.exchanges
    if let retries {
      difference.retries = RetryTraffic(
        messages: retries.messages - (earlier.retries?.messages ?? 0), bits: retries.bits - (earlier.retries?.bits ?? 0)
      )
    }
    return difference
  }

  /// Adds what a part of the vector took; its exchanges are parts of this report's, and not counted again.
  mutating func add(partOf other: TrafficReport) {
    for (type, bits) in other.byType { byType[type, default: LayerTraffic()] += bits }
    framing += other.framing
    vectorNorms += other.vectorNorms
    agreement += other.agreement
    sentBytes += other.sentBytes
  }
}

/// What the protection of messages took, see ``ReliableCollective``.
public struct RetryTraffic: Hashable, Sendable, Codable {
  /// Messages that were sent again, by all workers to all workers.
  public internal(set) var messages = 0
  /// Bits that this worker sent for it: seals, reports of damage, and messages sent again.
  public internal(set) var bits = 0
}
