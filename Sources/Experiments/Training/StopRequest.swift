import Synchronization

/// A wish that one training run stop soon, from any thread or from a signal handler.
///
/// All workers end after the same step, and leave a checkpoint of it.
public final class StopRequest: Sendable {
  private let isWanted = Atomic(false)
  private let lastStep = Mutex<Int?>(nil)

  /// No request yet.
  public init() {}

  /// Asks the run to stop; safe in signal handlers.
  public func request() { isWanted.store(true, ordering: .relaxed) }

  /// Whether workers end after `step`; each asks after each of its steps.
  ///
  /// Rank 0 decides, and names the step after the one it has just made. No worker completes that step before rank 0
  /// has entered its exchange, hence before the decision: so all find it in time, and none has gone further.
  func ends(at step: Int, rank: Int) -> Bool {
    let isWanted = rank == 0 && isWanted.load(ordering: .relaxed)
    return lastStep.withLock { last in
      if isWanted && last == nil { last = step + 1 }
      return last == step
    }
  }
}
