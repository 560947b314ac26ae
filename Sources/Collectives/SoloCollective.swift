/// A group of one worker, which talks to itself.
public struct SoloCollective: Collective, Hashable, Sendable {
  /// The group.
  public init() {}

  /// 0.
  public var rank: Int { 0 }

  /// 1.
  public var worldSize: Int { 1 }

  public func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall { PendingCall { messages } }
}
