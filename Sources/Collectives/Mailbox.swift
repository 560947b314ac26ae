/// Where the ranks of one process meet: a slot per rank, round after round.
///
/// A rank that takes part in a round waits until all have come. So nobody can be more than one round ahead, and the
/// messages of a round stay until its last reader has left, because the next round needs that reader to be complete.
final class Mailbox: Sendable {
  /// What one rank brings to a round: one message for all, or one message per rank.
  struct Contribution: Sendable {
    let call: CollectiveCall
    let messages: [[UInt8]]
  }

  private struct State {
    var slots: [Contribution?]
    var arrived = 0
    var round = 0
    /// The outcome of the latest complete round, in rank order.
    var outcome: Result<[Contribution], CollectiveError> = .success([])
    /// The first rank that left for good.
    var lost: Int?
    /// The ranks that were told about the loss; what they throw is its consequence.
    var informed: Set<Int> = []
  }

  private let state: Monitor<State>

  init(worldSize: Int) { state = Monitor(State(slots: Array(repeating: nil, count: worldSize))) }

  /// Brings a contribution to the next round and waits for those of all others.
  ///
  /// - Returns: All contributions in rank order; the arrays are shared, not copied.
  /// - Throws: ``CollectiveError/peerLost(rank:)`` or ``CollectiveError/mismatchedCalls(rank:expected:found:)``.
  func exchange(_ contribution: Contribution, rank: Int) throws(CollectiveError) -> [Contribution] {
    let round = state.update { Self.arrive(contribution, rank: rank, in: &$0) }
    let outcome: Result<[Contribution], CollectiveError> = state.wait { state in
      if state.round > round { return state.outcome }
      guard let lost = state.lost else { return nil }
      state.informed.insert(rank)
      return .failure(.peerLost(rank: lost))
    }
    return try outcome.get()
  }

  /// Notes that a rank will make no more calls.
  func leave(rank: Int) { state.update { $0.lost = $0.lost ?? rank } }

  /// Whether a rank was told that another is lost.
  func wasInformed(rank: Int) -> Bool { state.update { $0.informed.contains(rank) } }

  private static func arrive(_ contribution: Contribution, rank: Int, in state: inout State) -> Int {
    let round = state.round
    // No round completes after a loss; a rank that calls again must not be counted twice.
    guard state.lost == nil else { return round }
    state.slots[rank] = contribution
    state.arrived += 1
    if state.arrived == state.slots.count {
      let contributions = state.slots.compactMap { $0 }
      state.outcome = agreement(of: contributions)
      for index in state.slots.indices { state.slots[index] = nil }
      state.arrived = 0
      state.round += 1
    }
    return round
  }

  /// The contributions if all ranks made the same call.
  private static func agreement(of contributions: [Contribution]) -> Result<[Contribution], CollectiveError> {
    let expected = contributions[0].call
    guard let rank = contributions.firstIndex(where: { $0.call != expected }) else { return .success(contributions) }
    return .failure(.mismatchedCalls(rank: rank, expected: expected, found: contributions[rank].call))
  }
}
