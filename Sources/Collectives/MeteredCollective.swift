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

  public func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    let pending = base.start(call, messages)
    return PendingCall { () throws(CollectiveError) in
      let received = try pending.wait()
      self.count(call, sent: messages.map(\.count), received: received.map(\.count))
      return received
    }
  }

  /// Counts a call by the lengths of what this rank sent and received, its own messages among both.
  private func count(_ call: CollectiveCall, sent: [Int], received: [Int]) {
    let total = received.reduce(0, +)
    switch call {
    case .allGather:
      count(
        sent: sent[0] * (worldSize - 1), received: total - sent[0],
        seconds: link.allGatherSeconds(lengths: received))
    case .allToAll:
      let bytesSent = sent.reduce(0, +) - sent[rank]
      let bytesReceived = total - received[rank]
      count(
        sent: bytesSent, received: bytesReceived,
        seconds: link.allToAllSeconds(worldSize: worldSize, sent: bytesSent, received: bytesReceived))
    case .broadcast(let root):
      count(
        sent: rank == root ? total * (worldSize - 1) : 0, received: rank == root ? 0 : total,
        seconds: link.broadcastSeconds(worldSize: worldSize, length: total))
    case .barrier:
      count(sent: 0, received: 0, seconds: link.broadcastSeconds(worldSize: worldSize, length: 0))
    }
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
