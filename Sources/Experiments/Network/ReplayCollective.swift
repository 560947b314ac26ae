package import Collectives

/// A group that notes what its calls return, and then returns the same again, at once: a network of no time.
///
/// An exchange over it does all that it does over the group itself but sending, so that its time is that of the codec
/// alone.
package final class ReplayCollective<Base: Collective>: Collective {
  private let base: Base
  private var calls: [[[UInt8]]] = []
  private var next = 0
  private var isReplaying = false

  /// A group that notes what calls to `base` return.
  package init(_ base: Base) { self.base = base }

  package var rank: Int { base.rank }
  package var worldSize: Int { base.worldSize }

  /// From now on the calls since the beginning return what they returned then.
  package func rewind() { (next, isReplaying) = (0, true) }

  package func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    let number = next
    next += 1
    guard !isReplaying else {
      precondition(number < calls.count, "More calls are replayed than were noted")
      return PendingCall { () throws(CollectiveError) in self.calls[number] }
    }
    calls.append([])
    let pending = base.start(call, messages)
    return PendingCall { () throws(CollectiveError) in
      let received = try pending.wait()
      self.calls[number] = received
      return received
    }
  }
}
