/// Why workers could not exchange their messages.
public enum CollectiveError: Error, Hashable, Sendable {
  /// A worker failed, ended, or fell silent while others still called; `rank` is the first that was missed, `cause` says
  /// what happened to it where that is known.
  case peerLost(rank: Int, cause: String? = nil)
  /// Workers made different calls in the same round: rank 0 made `expected`, `rank` is the first that made another.
  case mismatchedCalls(rank: Int, expected: CollectiveCall, found: CollectiveCall)
  /// The transport is not available, or could not start its workers.
  case unavailable
  /// A worker was built to speak otherwise, and cannot take part.
  case incompatible(rank: Int, reason: String)
  /// What one worker sent to another arrived damaged as often as it was sent.
  case damaged(sender: Int, receiver: Int, times: Int)
  /// The transport reported an error of its own; `message` is its text.
  case transport(code: Int32, message: String)
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
    case .peerLost(let rank, nil): "Worker \(rank) failed or ended while others waited for it."
    case .peerLost(let rank, let cause?): "Worker \(rank) is lost: \(cause)."
    case .mismatchedCalls(let rank, let expected, let found):
      "Workers made different calls in the same round: rank 0 called \(expected), rank \(rank) called \(found)."
    case .unavailable: "The workers could not be started."
    case .incompatible(let rank, let reason): "Worker \(rank) cannot take part: \(reason)."
    case .damaged(let sender, let receiver, let times):
      "What worker \(sender) sent to worker \(receiver) arrived damaged \(times) times."
    case .transport(let code, let message): "The transport reported error \(code): \(message)."
    }
  }

  /// What peers are told of an error that ended a worker: one line without a full stop.
  ///
  /// - Parameter error: What its body threw.
  /// - Returns: The description of the error.
  package static func cause(of error: any Error) -> String {
    var line = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
    while line.hasSuffix(".") { line.removeLast() }
    return line
  }
}
