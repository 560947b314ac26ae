/// A group of workers that exchange bytes in lock step.
///
/// Every worker starts the same calls in the same order, and waits for their results when it needs them: until then the
/// bytes travel while it computes. Results come in rank order, so that sums over them are the same on every rank.
/// Messages are opaque; lengths may differ, and may be 0.
///
/// A transport implements ``start(_:_:)`` alone; the calls that people make are built on it.
///
/// Laws, with m(r) the message of rank r:
/// - `allGather` returns [m(0), …, m(K−1)] on every rank;
/// - `allToAll` returns on rank r what every rank sent to r: element s is `messages[r]` of rank s;
/// - after `broadcast` every rank holds the root's message;
/// - no rank leaves `barrier` before every rank has entered it;
/// - calls that are under way together return what they would return one after the other;
/// - a worker that ends early makes the calls of its peers throw ``CollectiveError/peerLost(rank:cause:)``, never hang.
public protocol Collective {
  /// The number of this worker, in 0..<``worldSize``.
  var rank: Int { get }

  /// The number of workers, K, at least 1.
  var worldSize: Int { get }

  /// Starts a call and does not wait for the others.
  ///
  /// - Parameters:
  ///   - call: The call, the same on every rank.
  ///   - messages: What this rank sends: one message for all in an all-gather, one for each rank in an all-to-all, one
  ///     on the root of a broadcast and none elsewhere, none in a barrier.
  /// - Returns: The call under way. Its result is one message from each rank after an all-gather or an all-to-all, the
  ///   root's alone after a broadcast, none after a barrier.
  func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall
}

/// A call under way.
public struct PendingCall {
  private let receive: () throws(CollectiveError) -> [[UInt8]]

  /// A call that `receive` waits for.
  ///
  /// - Parameter receive: Blocks until the result is there; called at most once.
  public init(_ receive: @escaping () throws(CollectiveError) -> [[UInt8]]) { self.receive = receive }

  /// Waits for the result; to be called at most once.
  ///
  /// Several calls may be under way, and waited for in any order.
  ///
  /// - Returns: What the call returns, see ``Collective/start(_:_:)``.
  /// - Throws: A ``CollectiveError``; then no message was received.
  public func wait() throws(CollectiveError) -> [[UInt8]] { try receive() }
}

extension Collective {
  /// Every worker's message.
  ///
  /// - Parameter message: What this worker tells all.
  /// - Returns: The messages in rank order, this worker's own included.
  /// - Throws: A ``CollectiveError``; then no message was received.
  public func allGather(_ message: [UInt8]) throws(CollectiveError) -> [[UInt8]] {
    try startAllGather(message).wait()
  }

  /// One message from every worker to every worker.
  ///
  /// - Parameter messages: Element r goes to rank r; as many as there are workers.
  /// - Returns: What every rank sent here, in rank order, this worker's own included.
  /// - Throws: A ``CollectiveError``; then no message was received.
  public func allToAll(_ messages: [[UInt8]]) throws(CollectiveError) -> [[UInt8]] {
    try startAllToAll(messages).wait()
  }

  /// The root's message, everywhere.
  ///
  /// - Parameters:
  ///   - message: Sent on the root; replaced elsewhere, where its old contents do not matter.
  ///   - root: The rank that sends, the same on every rank.
  /// - Throws: A ``CollectiveError``; then `message` is unchanged.
  public func broadcast(_ message: inout [UInt8], from root: Int) throws(CollectiveError) {
    message = try startBroadcast(message, from: root).wait()[0]
  }

  /// Waits for all workers.
  ///
  /// - Throws: A ``CollectiveError``.
  public func barrier() throws(CollectiveError) { _ = try start(.barrier, []).wait() }

  /// Starts an all-gather; see ``allGather(_:)``.
  ///
  /// - Parameter message: What this worker tells all.
  /// - Returns: The call under way.
  public func startAllGather(_ message: [UInt8]) -> PendingCall { start(.allGather, [message]) }

  /// Starts an all-to-all; see ``allToAll(_:)``.
  ///
  /// - Parameter messages: Element r goes to rank r; as many as there are workers.
  /// - Returns: The call under way.
  public func startAllToAll(_ messages: [[UInt8]]) -> PendingCall {
    precondition(
      messages.count == worldSize, "allToAll takes one message per rank: \(worldSize), not \(messages.count)")
    return start(.allToAll, messages)
  }

  /// Starts a broadcast, whose result is the root's message alone; see ``broadcast(_:from:)``.
  ///
  /// - Parameters:
  ///   - message: Sent on the root; of no account elsewhere.
  ///   - root: The rank that sends, the same on every rank.
  /// - Returns: The call under way.
  public func startBroadcast(_ message: [UInt8], from root: Int) -> PendingCall {
    precondition((0..<worldSize).contains(root), "Rank \(root) is not one of \(worldSize) workers")
    return start(.broadcast(root: root), rank == root ? [message] : [])
  }
}
