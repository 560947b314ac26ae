import CMPIShims
import Collectives

/// Runs `body` as one of the workers that the launcher started, between the start and the end of MPI.
///
/// ```swift
/// let sum = try withMPI { group in
///   try group.allGather([UInt8(group.rank)]).reduce(0) { $0 + Int($1[0]) }
/// }  // 6 on each of four ranks
/// ```
///
/// MPI starts once in the life of a process: so may this function. A worker whose body returns or throws waits for the
/// others; what they still call throws `CollectiveError.peerLost(rank:)`. When MPI itself reports an error, nothing is
/// promised of the group any more, so MPI is not ended, which could wait for ever: let the process exit, and the
/// launcher stops its peers.
///
/// - Parameter body: The work of this rank. Its argument must not be used after it returns.
/// - Returns: What `body` returned.
/// - Throws: What `body` threw; `CollectiveError.unavailable` when the package was built without the trait `MPI`;
///   `CollectiveError.transport(code:)` with MPI's error code when MPI could not start.
public func withMPI<Output>(_ body: (MPICollective) throws -> Output) throws -> Output {
  let world = try MPIWorld()
  defer { world.leave() }
  return try body(MPICollective(world: world))
}

/// MPI in this process, from its start to its end.
final class MPIWorld {
  let rank: Int
  let worldSize: Int
  private var isOpen = true
  private var hasFailed = false

  /// Starts MPI.
  init() throws(CollectiveError) {
    var rank: Int32 = 0
    var worldSize: Int32 = 0
    let status = laminam_start(&rank, &worldSize)
    precondition(Int(status) != LAMINAM_STARTED_TWICE, "MPI starts once in the life of a process")
    if let error = Self.error(of: status) { throw error }
    self.rank = Int(rank)
    self.worldSize = Int(worldSize)
  }

  /// Waits until all ranks leave, then ends MPI.
  func leave() {
    isOpen = false
    while !hasFailed {
      guard let headers = try? gather(Header(call: nil, length: 0)) else { return }
      if headers.allSatisfy({ $0.call == nil }) {
        _ = laminam_finish()
        return
      }
    }
  }

  /// Throws the error that a status of MPI stands for.
  func check(_ status: Int32) throws(CollectiveError) {
    guard let error = Self.error(of: status) else { return }
    hasFailed = true
    throw error
  }

  /// Tells all what this rank calls, and throws unless all call the same.
  ///
  /// - Parameters:
  ///   - call: What this rank calls.
  ///   - length: The bytes of its longest message.
  /// - Returns: The lengths in rank order.
  /// - Throws: `CollectiveError.peerLost(rank:)`, `CollectiveError.mismatchedCalls(rank:expected:found:)`, or what
  ///   MPI reported.
  func agree(on call: CollectiveCall, length: Int) throws(CollectiveError) -> [Int] {
    precondition(isOpen, "A group of MPI workers ends with withMPI")
    let headers = try gather(Header(call: call, length: length))
    var expected: CollectiveCall?
    if let lost = headers.firstIndex(where: { $0.call == nil }) { throw .peerLost(rank: lost) }
    for (rank, header) in headers.enumerated() {
      guard let found = header.call else { continue }
      if let expected, found != expected { throw .mismatchedCalls(rank: rank, expected: expected, found: found) }
      expected = found
    }
    return headers.map(\.length)
  }

  /// Sends number r to rank r, and returns what was received, in rank order.
  func exchange(_ numbers: [Int]) throws(CollectiveError) -> [Int] {
    var received = [Int64](repeating: 0, count: worldSize)
    try check(laminam_exchange_numbers(numbers.map(Int64.init), &received))
    return received.map(Int.init)
  }

  private func gather(_ header: Header) throws(CollectiveError) -> [Header] {
    var received = [Int64](repeating: 0, count: 2 * worldSize)
    try check(laminam_gather_numbers([header.callNumber, Int64(header.length)], 2, &received))
    return (0..<worldSize).map { Header(callNumber: received[2 * $0], length: Int(received[2 * $0 + 1])) }
  }

  private static func error(of status: Int32) -> CollectiveError? {
    switch Int(status) {
    case LAMINAM_OK: nil
    case LAMINAM_UNAVAILABLE: .unavailable
    default: .transport(code: status)
    }
  }
}

/// What a rank tells the others before every exchange; no call means that it has left.
private struct Header {
  let call: CollectiveCall?
  let length: Int
}

extension Header {
  init(callNumber: Int64, length: Int) {
    let call: CollectiveCall? =
      switch callNumber {
      case 0: nil
      case 1: .allGather
      case 2: .allToAll
      case 3: .barrier
      default: .broadcast(root: Int(callNumber) - 4)
      }
    self.init(call: call, length: length)
  }

  var callNumber: Int64 {
    switch call {
    case nil: 0
    case .allGather: 1
    case .allToAll: 2
    case .barrier: 3
    case .broadcast(let root): 4 + Int64(root)
    }
  }
}
