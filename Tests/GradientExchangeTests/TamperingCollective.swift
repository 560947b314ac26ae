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

  func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    guard call != .barrier else { return base.start(call, messages) }
    defer { counter.calls += 1 }
    return base.start(call, messages.map { tamper(call, counter.calls, $0) })
  }
}
