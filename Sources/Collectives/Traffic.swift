/// What one worker sent and received, and how long a modelled link would have taken.
///
/// Bytes are payload between workers: what a worker keeps for itself is not counted, and a message to K − 1 peers counts
/// K − 1 times as sent, so that the bytes sent by all workers are the bytes received by all.
public struct Traffic: Hashable, Sendable, Codable {
  /// The number of collective calls.
  public var calls = 0
  /// The bytes to other workers.
  public var bytesSent = 0
  /// The bytes from other workers.
  public var bytesReceived = 0
  /// The seconds of the link model.
  public var modelledSeconds = 0.0

  /// No traffic.
  public init() {}

  /// The traffic of `left` and `right` together.
  public static func + (left: Traffic, right: Traffic) -> Traffic {
    var sum = left
    sum.calls += right.calls
    sum.bytesSent += right.bytesSent
    sum.bytesReceived += right.bytesReceived
    sum.modelledSeconds += right.modelledSeconds
    return sum
  }
}
