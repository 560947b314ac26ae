/// A group of workers that exchange bytes in lock step.
///
/// Every worker makes the same calls in the same order; a call blocks until its result is there. Results come in rank
/// order, so that sums over them are the same on every rank. Messages are opaque; lengths may differ, and may be 0.
///
/// Laws, with m(r) the message of rank r:
/// - `allGather` returns [m(0), …, m(K−1)] on every rank;
/// - `allToAll` returns on rank r what every rank sent to r: element s is `messages[r]` of rank s;
/// - after `broadcast` every rank holds the root's message;
/// - no rank leaves `barrier` before every rank has entered it;
/// - a worker that ends early makes the calls of its peers throw ``CollectiveError/peerLost(rank:)``, never hang.
public protocol Collective {
  /// The number of this worker, in 0..<``worldSize``.
  var rank: Int { get }

  /// The number of workers, K, at least 1.
  var worldSize: Int { get }

  /// Every worker's message.
  ///
  /// - Parameter message: What this worker tells all.
  /// - Returns: The messages in rank order, this worker's own included.
  /// - Throws: A ``CollectiveError``; then no message was received.
  func allGather(_ message: [UInt8]) throws(CollectiveError) -> [[UInt8]]

  /// One message from every worker to every worker.
  ///
  /// - Parameter messages: Element r goes to rank r; as many as there are workers.
  /// - Returns: What every rank sent here, in rank order, this worker's own included.
  /// - Throws: A ``CollectiveError``; then no message was received.
  func allToAll(_ messages: [[UInt8]]) throws(CollectiveError) -> [[UInt8]]

  /// The root's message, everywhere.
  ///
  /// - Parameters:
  ///   - message: Sent on the root; replaced elsewhere, where its old contents do not matter.
  ///   - root: The rank that sends, the same on every rank.
  /// - Throws: A ``CollectiveError``; then `message` is unchanged.
  func broadcast(_ message: inout [UInt8], from root: Int) throws(CollectiveError)

  /// Waits for all workers.
  ///
  /// - Throws: A ``CollectiveError``.
  func barrier() throws(CollectiveError)
}

extension Collective {
  /// Checks the arguments of `allToAll`.
  package func checkMessages(_ messages: [[UInt8]]) {
    precondition(
      messages.count == worldSize, "allToAll takes one message per rank: \(worldSize), not \(messages.count)")
  }

  /// Checks the arguments of `broadcast`.
  package func checkRoot(_ root: Int) {
    precondition((0..<worldSize).contains(root), "Rank \(root) is not one of \(worldSize) workers")
  }
}
