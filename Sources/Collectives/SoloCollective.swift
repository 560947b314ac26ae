/// A group of one worker, which talks to itself.
public struct SoloCollective: Collective, Hashable, Sendable {
  /// The group.
  public init() {}

  /// 0.
  public var rank: Int { 0 }

  /// 1.
  public var worldSize: Int { 1 }

  public func allGather(_ message: [UInt8]) throws(CollectiveError) -> [[UInt8]] { [message] }

  public func allToAll(_ messages: [[UInt8]]) throws(CollectiveError) -> [[UInt8]] {
    checkMessages(messages)
    return messages
  }

  public func broadcast(_ message: inout [UInt8], from root: Int) throws(CollectiveError) { checkRoot(root) }

  public func barrier() throws(CollectiveError) {}
}
