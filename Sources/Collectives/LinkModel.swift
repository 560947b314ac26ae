/// The time that a network link would take: a latency per message and a bandwidth per byte.
///
/// A worker is taken to have one full-duplex link, used without contention elsewhere. Modelled seconds are a model:
/// they are reported beside measured seconds, never added to them.
public struct LinkModel: Hashable, Sendable, Codable {
  /// The seconds from one worker to another, however short the message.
  public let latency: Double

  /// Bytes per second in each direction.
  public let bandwidth: Double

  /// A link.
  ///
  /// - Parameters:
  ///   - latency: In seconds, not negative.
  ///   - bandwidth: In bytes (not bits) per second, positive; infinity models latency alone.
  public init(latency: Double, bandwidth: Double) {
    precondition(latency >= 0 && latency.isFinite, "A latency is finite and not negative")
    precondition(bandwidth > 0, "A bandwidth is positive")
    self.latency = latency
    self.bandwidth = bandwidth
  }

  /// A ring all-gather: K − 1 rounds, each as long as the longest message.
  ///
  /// - Parameter lengths: The K messages in bytes.
  /// - Returns: Seconds, the same on every rank.
  public func allGatherSeconds(lengths: [Int]) -> Double {
    Double(lengths.count - 1) * messageSeconds(lengths.max() ?? 0)
  }

  /// A pairwise exchange: K − 1 rounds, limited by the fuller direction of this worker's link.
  ///
  /// - Parameters:
  ///   - worldSize: K.
  ///   - sent: The bytes to all others.
  ///   - received: The bytes from all others.
  /// - Returns: Seconds, which may differ between ranks.
  public func allToAllSeconds(worldSize: Int, sent: Int, received: Int) -> Double {
    Double(worldSize - 1) * latency + Double(max(sent, received)) / bandwidth
  }

  /// A binomial tree: ⌈log₂ K⌉ rounds of the whole message; a barrier is the empty message.
  ///
  /// - Parameters:
  ///   - worldSize: K.
  ///   - length: The message in bytes.
  /// - Returns: Seconds until the last worker has it.
  public func broadcastSeconds(worldSize: Int, length: Int) -> Double {
    let rounds = Int.bitWidth - (worldSize - 1).leadingZeroBitCount
    return Double(rounds) * messageSeconds(length)
  }

  /// A ring all-reduce: K − 1 rounds to add up, K − 1 to share, each with 1/K of the vector.
  ///
  /// - Parameters:
  ///   - worldSize: K.
  ///   - length: The vector in bytes.
  /// - Returns: Seconds, the same on every rank.
  public func allReduceSeconds(worldSize: Int, length: Int) -> Double {
    2 * Double(worldSize - 1) * (latency + Double(length) / Double(worldSize) / bandwidth)
  }

  private func messageSeconds(_ length: Int) -> Double { latency + Double(length) / bandwidth }
}
