/// A collective whose caller holds a place at a gate and gives it up while it waits for its peers.
///
/// With ``ComputeGate/run(_:)`` around the whole work of a rank, at most as many ranks compute at once as the gate
/// admits, and none waits at the gate for a rank that waits for it.
public struct GatedCollective<Base: Collective>: Collective {
  private let base: Base
  private let gate: ComputeGate

  /// `base`, called by a thread inside `gate`.
  public init(_ base: Base, gate: ComputeGate) {
    self.base = base
    self.gate = gate
  }

  public var rank: Int { base.rank }

  public var worldSize: Int { base.worldSize }

  public func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    let pending = base.start(call, messages)
    return PendingCall { () throws(CollectiveError) in
      gate.leave()
      defer { gate.enter() }
      return try pending.wait()
    }
  }
}
