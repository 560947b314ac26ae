public import Collectives

/// Workers as processes that a launcher of MPI started, on one machine or many.
///
/// Made by ``withMPI(limits:report:_:)``, and usable until that returns, from any thread. Bytes travel while the worker
/// computes: every message goes straight to its receiver, over non-blocking calls of MPI, and into the array that the
/// call returns. Messages may have any length.
///
/// Each worker announces each call to all others, with the message where that is short. That is how workers that made
/// different calls, or ended early, become errors on every rank instead of a deadlock.
public struct MPICollective: Collective {
  public var rank: Int { world.rank }

  public var worldSize: Int { world.worldSize }

  /// The most bytes that travel as one message of MPI, in 1..<2³¹; nil to let the length of the message decide.
  package var pieceLength: Int?

  private let world: MPIWorld

  init(world: MPIWorld) { self.world = world }

  public func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    world.start(call, messages, pieceLength: pieceLength)
  }

  /// Adds numbers up over all workers by the all-reduce of the MPI library, to compare with.
  ///
  /// Heartbeats rest meanwhile: give ``MPILimits/silence`` the time that it takes. All workers call it, and no call is
  /// under way.
  ///
  /// - Parameter values: As many on every worker; receives the sums.
  /// - Throws: `CollectiveError.transport(code:message:)`.
  package func addUpByLibrary(_ values: inout [Float]) throws(CollectiveError) { try world.addUp(&values) }
}
