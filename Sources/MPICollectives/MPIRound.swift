import Collectives

/// One call of all workers, as far as this one knows it.
final class MPIRound {
  /// Every worker's call, nil where it has not been heard.
  private(set) var calls: [CollectiveCall?]
  /// What every worker sent here; complete only when no piece is missing.
  private(set) var messages: [[UInt8]]
  /// How many calls have not been heard, this worker's own included.
  private(set) var unheard: Int
  /// How many pieces of each worker's message are still under way.
  private var missing: [Int]
  private var missingPieces = 0
  /// When the last news came, in seconds.
  private(set) var lastNews = 0.0
  private let rank: Int
  /// How many of the workers before this one, the nearest first, have called, with nothing of their messages missing.
  private(set) var heardOut = 0

  init(rank: Int, worldSize: Int) {
    self.rank = rank
    calls = Array(repeating: nil, count: worldSize)
    messages = Array(repeating: [], count: worldSize)
    missing = Array(repeating: 0, count: worldSize)
    unheard = worldSize
  }

  var isComplete: Bool { unheard == 0 && missingPieces == 0 }

  /// The first worker that has not called, or whose message is not there.
  var firstMissing: Int? {
    calls.indices.first { calls[$0] == nil } ?? missing.indices.first { missing[$0] > 0 }
  }

  /// Notes a call and a message that came with it.
  func hear(_ call: CollectiveCall, from rank: Int, _ message: [UInt8], at time: Double) {
    calls[rank] = call
    messages[rank] = message
    unheard -= 1
    lastNews = time
    countHeardOut()
  }

  private func countHeardOut() {
    while heardOut < calls.count - 1 {
      let source = (rank - heardOut - 1 + calls.count) % calls.count
      guard calls[source] != nil, missing[source] == 0 else { return }
      heardOut += 1
    }
  }

  /// Notes a call whose message follows in pieces.
  ///
  /// - Returns: Where the pieces go. The place stays while this round lives: the array is touched no more until all
  ///   pieces are there, and only read and retained after that.
  func hear(
    _ call: CollectiveCall, from rank: Int, length: Int, pieces: Int, at time: Double
  ) -> UnsafeMutablePointer<UInt8>? {
    missing[rank] = pieces
    missingPieces += pieces
    hear(call, from: rank, [UInt8](unsafeUninitializedCapacity: length) { _, count in count = length }, at: time)
    return messages[rank].withUnsafeMutableBufferPointer { $0.baseAddress }
  }

  /// Notes that a piece has come.
  func receivePiece(from rank: Int, at time: Double) {
    missing[rank] -= 1
    missingPieces -= 1
    lastNews = time
    countHeardOut()
  }

  /// What the call returns on worker `rank`, once all is there.
  func outcome() -> Result<[[UInt8]], CollectiveError> {
    guard let expected = calls[0] else { return .failure(.unavailable) }
    for (rank, call) in calls.enumerated() {
      if let found = call, found != expected {
        return .failure(.mismatchedCalls(rank: rank, expected: expected, found: found))
      }
    }
    return switch expected {
    case .allGather, .allToAll: .success(messages)
    case .broadcast(let root): .success([messages[root]])
    case .barrier: .success([])
    }
  }
}
