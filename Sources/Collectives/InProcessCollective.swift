import Synchronization

/// Workers as threads of one process, which meet in memory.
///
/// The default transport, and the twin of every other one: deterministic, with no copy of a message. Each rank is a
/// POSIX thread, so that blocking calls block nobody else.
///
/// ```swift
/// let sums = try InProcessCollective.run(worldSize: 4) { group in
///   try group.allGather([UInt8(group.rank)]).reduce(0) { $0 + Int($1[0]) }
/// }  // [6, 6, 6, 6]
/// ```
public struct InProcessCollective: Collective, Sendable {
  public let rank: Int
  public let worldSize: Int
  private let mailbox: Mailbox

  /// Runs `body` once per rank, each on a thread of its own, and waits for all.
  ///
  /// When bodies throw, their peers' calls throw ``CollectiveError/peerLost(rank:cause:)`` instead of hanging, and this
  /// rethrows the error of the lowest rank whose failure was not a consequence of another's. A body that returns while
  /// others still call is a lost peer too.
  ///
  /// - Parameters:
  ///   - worldSize: The number of workers, at least 1.
  ///   - stackSize: The stack of each thread in bytes, a multiple of the page size; 16 MiB carry deep networks.
  ///   - body: The work of one rank. Its argument must not be used after it returns.
  /// - Returns: What the bodies returned, in rank order.
  /// - Throws: What a body threw, or ``CollectiveError/unavailable`` when the system refuses a thread.
  public static func run<Output: Sendable>(
    worldSize: Int, stackSize: Int = 16 << 20,
    _ body: @escaping @Sendable (InProcessCollective) throws -> Output
  ) throws -> [Output] {
    precondition(worldSize >= 1, "A group has at least one worker")
    let mailbox = Mailbox(worldSize: worldSize)
    let results = ResultBoard<Output>(count: worldSize)
    var threads: [RankThread] = []
    for rank in 0..<worldSize {
      let group = InProcessCollective(rank: rank, worldSize: worldSize, mailbox: mailbox)
      let thread = RankThread(stackSize: stackSize) {
        let result = Result { try body(group) }
        results.set(result, rank: rank)
        var cause: String?
        if case .failure(let error) = result { cause = CollectiveError.cause(of: error) }
        mailbox.leave(rank: rank, cause: cause)
      }
      guard let thread else {
        mailbox.leave(rank: rank, cause: "the system refused it a thread")
        break
      }
      threads.append(thread)
    }
    for thread in threads { thread.join() }
    guard threads.count == worldSize else { throw CollectiveError.unavailable }
    return try results.outputs { !mailbox.wasInformed(rank: $0) }
  }

  public func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    let round = mailbox.post(Mailbox.Contribution(call: call, messages: messages), rank: rank)
    return PendingCall { () throws(CollectiveError) in
      let contributions = try mailbox.collect(round, rank: rank)
      return switch call {
      case .allGather: contributions.map { $0.messages[0] }
      case .allToAll: contributions.map { $0.messages[rank] }
      case .broadcast(let root): contributions[root].messages
      case .barrier: []
      }
    }
  }
}

/// What the bodies returned or threw.
private final class ResultBoard<Output: Sendable>: Sendable {
  private let results: Mutex<[Result<Output, any Error>?]>

  init(count: Int) { results = Mutex(Array(repeating: nil, count: count)) }

  func set(_ result: Result<Output, any Error>, rank: Int) { results.withLock { $0[rank] = result } }

  /// All outputs, or the first error among the ranks that are `original`, or else the first of all.
  func outputs(isOriginal: (Int) -> Bool) throws -> [Output] {
    let results = results.withLock { $0 }
    var consequence: (any Error)?
    var outputs: [Output] = []
    for (rank, result) in results.enumerated() {
      switch result {
      case .success(let output): outputs.append(output)
      case .failure(let error):
        if isOriginal(rank) { throw error }
        consequence = consequence ?? error
      case nil: throw CollectiveError.unavailable
      }
    }
    if let consequence { throw consequence }
    return outputs
  }
}
