/// Why workers could not exchange their messages.
public enum CollectiveError: Error, Hashable, Sendable {
  /// A worker failed or ended while others still called; `rank` is the first that was missed.
  case peerLost(rank: Int)
  /// Workers made different calls in the same round: rank 0 made `expected`, `rank` is the first that made another.
  case mismatchedCalls(rank: Int, expected: CollectiveCall, found: CollectiveCall)
  /// The transport is not available, or could not start its workers.
  case unavailable
  /// The transport reported an error of its own.
  case transport(code: Int32)
}

/// A call of ``Collective``, for error messages and traffic counts.
public enum CollectiveCall: Hashable, Sendable {
  /// ``Collective/allGather(_:)``
  case allGather
  /// ``Collective/allToAll(_:)``
  case allToAll
  /// ``Collective/broadcast(_:from:)``
  case broadcast(root: Int)
  /// ``Collective/barrier()``
  case barrier
}

extension CollectiveCall: CustomStringConvertible {
  /// The name of the call.
  public var description: String {
    switch self {
    case .allGather: "allGather"
    case .allToAll: "allToAll"
    case .broadcast(let root): "broadcast from rank \(root)"
    case .barrier: "barrier"
    }
  }
}

extension CollectiveError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .peerLost(let rank): "Worker \(rank) failed or ended while others waited for it."
    case .mismatchedCalls(let rank, let expected, let found):
      "Workers made different calls in the same round: rank 0 called \(expected), rank \(rank) called \(found)."
    case .unavailable: "The workers could not be started."
    case .transport(let code): "The transport reported error \(code)."
    }
  }
}
