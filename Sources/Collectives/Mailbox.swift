/// Where the ranks of one process meet: rounds, each with a slot per rank.
///
/// A round is complete when all have posted to it. Its messages stay until every rank has collected them, so that a rank
/// may be rounds ahead of another.
final class Mailbox: Sendable {
  /// What one rank brings to a round: one message for all, or one message per rank.
  struct Contribution: Sendable {
    let call: CollectiveCall
    let messages: [[UInt8]]
  }

  private struct Round {
    var slots: [Contribution?]
    var arrived = 0
    var collected = 0
    /// The outcome once all have come, in rank order.
    var outcome: Result<[Contribution], CollectiveError>?
  }

  private struct State {
    /// The rounds that someone has posted to and someone has not yet collected, by their numbers.
    var rounds: [Int: Round] = [:]
    /// The next round of each rank.
    var next: [Int]
    /// The first rank that left for good, and why.
    var lost: (rank: Int, cause: String?)?
    /// The ranks that were told about the loss; what they throw is its consequence.
    var informed: Set<Int> = []
  }

  private let worldSize: Int
  private let state: Monitor<State>

  init(worldSize: Int) {
    self.worldSize = worldSize
    state = Monitor(State(next: Array(repeating: 0, count: worldSize)))
  }

  /// Brings a contribution to the next round of a rank.
  ///
  /// - Returns: The number of the round.
  func post(_ contribution: Contribution, rank: Int) -> Int {
    state.update { state, isNews in
      let number = state.next[rank]
      state.next[rank] += 1
      var round = state.rounds.removeValue(forKey: number) ?? Round(slots: Array(repeating: nil, count: worldSize))
      round.slots[rank] = contribution
      round.arrived += 1
      if round.arrived == worldSize {
        round.outcome = Self.agreement(of: round.slots.compactMap { $0 })
        round.slots = []
        isNews = true
      }
      state.rounds[number] = round
      return number
    }
  }

  /// Waits until all have posted to a round.
  ///
  /// - Returns: All contributions in rank order; the arrays are shared, not copied.
  /// - Throws: ``CollectiveError/peerLost(rank:cause:)`` or ``CollectiveError/mismatchedCalls(rank:expected:found:)``.
  func collect(_ number: Int, rank: Int) throws(CollectiveError) -> [Contribution] {
    let outcome: Result<[Contribution], CollectiveError> = state.wait { state in
      if let outcome = state.rounds[number]?.outcome {
        state.rounds[number]?.collected += 1
        if state.rounds[number]?.collected == worldSize { state.rounds[number] = nil }
        return outcome
      }
      guard let lost = state.lost else { return nil }
      state.informed.insert(rank)
      return .failure(.peerLost(rank: lost.rank, cause: lost.cause))
    }
    return try outcome.get()
  }

  /// Notes that a rank will make no more calls.
  ///
  /// - Parameters:
  ///   - rank: The rank.
  ///   - cause: What ended it, nil where it was done.
  func leave(rank: Int, cause: String?) {
    state.update { state, isNews in
      state.lost = state.lost ?? (rank, cause)
      isNews = true
    }
  }

  /// Whether a rank was told that another is lost.
  func wasInformed(rank: Int) -> Bool { state.update { state, _ in state.informed.contains(rank) } }

  /// The contributions if all ranks made the same call.
  private static func agreement(of contributions: [Contribution]) -> Result<[Contribution], CollectiveError> {
    let expected = contributions[0].call
    guard let rank = contributions.firstIndex(where: { $0.call != expected }) else { return .success(contributions) }
    return .failure(.mismatchedCalls(rank: rank, expected: expected, found: contributions[rank].call))
  }
}
