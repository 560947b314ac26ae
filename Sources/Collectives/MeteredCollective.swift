import Synchronization

/// Counts the bytes of another collective, and the time that a link would take for them.
///
/// A class, because all holders of one worker's collective share its count; it is safe to read from other threads.
public final class MeteredCollective<Base: Collective>: Collective {
  /// The collective that does the work.
  public let base: Base

  /// The link whose time is modelled.
  public let link: LinkModel

  private let meter = Mutex(Traffic())

  /// A meter around `base`.
  ///
  /// - Parameters:
  ///   - base: The collective that does the work.
  ///   - link: The link to model.
  public init(_ base: Base, link: LinkModel) {
    self.base = base
    self.link = link
  }

  public var rank: Int { base.rank }
  public var worldSize: Int { base.worldSize }

  /// The traffic since the beginning, or since the last ``takeTraffic()``.
  public var traffic: Traffic { meter.withLock { $0 } }

  /// Reads the traffic and starts again from zero.
  ///
  /// - Returns: The traffic up to now.
  public func takeTraffic() -> Traffic {
    meter.withLock { meter in
      let traffic = meter
      meter = Traffic()
      return traffic
    }
  }

  public func allGather(_ message: [UInt8]) throws(CollectiveError) -> [[UInt8]] {
    let messages = try base.allGather(message)
    let lengths = messages.map(\.count)
    count(
      sent: message.count * (worldSize - 1), received: lengths.reduce(0, +) - message.count,
      seconds: link.allGatherSeconds(lengths: lengths))
    return messages
  }

  public func allToAll(_ messages: [[UInt8]]) throws(CollectiveError) -> [[UInt8]] {
    let received = try base.allToAll(messages)
    let bytesSent = messages.reduce(0) { $0 + $1.count } - messages[rank].count
    let bytesReceived = received.reduce(0) { $0 + $1.count } - received[rank].count
    count(
      sent: bytesSent, received: bytesReceived,
      seconds: link.allToAllSeconds(worldSize: worldSize, sent: bytesSent, received: bytesReceived))
    return received
  }

  public func broadcast(_ message: inout [UInt8], from root: Int) throws(CollectiveError) {
    try base.broadcast(&message, from: root)
    count(
      sent: rank == root ? message.count * (worldSize - 1) : 0, received: rank == root ? 0 : message.count,
      seconds: link.broadcastSeconds(worldSize: worldSize, length: message.count))
  }

  public func barrier() throws(CollectiveError) {
    try base.barrier()
    count(sent: 0, received: 0, seconds: link.broadcastSeconds(worldSize: worldSize, length: 0))
  }

  private func count(sent: Int, received: Int, seconds: Double) {
    meter.withLock { meter in
      meter.calls += 1
      meter.bytesSent += sent
      meter.bytesReceived += received
      meter.modelledSeconds += seconds
    }
  }
}

extension MeteredCollective: Sendable where Base: Sendable {}
