import Collectives
import Synchronization

/// A wish that one training run stop soon, from any thread or from a signal handler.
///
/// All workers end after the same step, and leave a checkpoint of it: that of rank 0 decides. The wish travels by a
/// broadcast that begins before a step and is waited for after it, so that nobody waits for it alone.
public final class StopRequest: Sendable {
  private let isWanted = Atomic(false)

  /// No request yet.
  public init() {}

  /// Asks the run to stop; safe in signal handlers.
  public func request() { isWanted.store(true, ordering: .relaxed) }

  /// Starts to tell all workers, before a step, what rank 0 wants.
  func startDecision(in group: some Collective) -> PendingCall {
    group.startBroadcast([isWanted.load(ordering: .relaxed) ? 1 : 0], from: 0)
  }

  /// Whether workers end after the step before which `decision` was started.
  static func ends(_ decision: PendingCall) throws(CollectiveError) -> Bool { try decision.wait() == [[1]] }
}
