import Collectives

/// A collective that changes what its worker sends.
struct TamperingCollective<Base: Collective>: Collective {
  let base: Base
  /// What is sent in the place of a message of a call, the calls counted from 0.
  let tamper: @Sendable (_ call: CollectiveCall, _ index: Int, _ message: [UInt8]) -> [UInt8]
  private let counter = Counter()

  /// The calls so far; a class because calls do not mutate.
  private final class Counter { var calls = 0 }

  init(
    _ base: Base, tamper: @escaping @Sendable (_ call: CollectiveCall, _ index: Int, _ message: [UInt8]) -> [UInt8]
  ) {
    self.base = base
    self.tamper = tamper
  }

  var rank: Int { base.rank }
  var worldSize: Int { base.worldSize }

  func allGather(_ message: [UInt8]) throws(CollectiveError) -> [[UInt8]] {
    defer { counter.calls += 1 }
    return try base.allGather(tamper(.allGather, counter.calls, message))
  }

  func allToAll(_ messages: [[UInt8]]) throws(CollectiveError) -> [[UInt8]] {
    defer { counter.calls += 1 }
    return try base.allToAll(messages.map { tamper(.allToAll, counter.calls, $0) })
  }

  func broadcast(_ message: inout [UInt8], from root: Int) throws(CollectiveError) {
    defer { counter.calls += 1 }
    if rank == root { message = tamper(.broadcast(root: root), counter.calls, message) }
    try base.broadcast(&message, from: root)
  }

  func barrier() throws(CollectiveError) { try base.barrier() }
}
