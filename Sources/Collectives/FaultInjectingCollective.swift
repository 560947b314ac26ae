#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Synchronization

/// A group over a bad link: disturbs some of the messages that this rank receives.
///
/// For tests of what is built on groups, and for experiments with links that one does not have. Which messages are
/// disturbed, and how, is a function of the seed, the rank, the number of the call and the peer alone, so that a run can
/// be repeated. Messages of a rank to itself never travel and are left alone.
///
/// A class, because its calls are numbered and it keeps the last message of every peer; it is safe to read from other
/// threads.
public final class FaultInjectingCollective<Base: Collective>: Collective {
  /// The group that does the work.
  public let base: Base
  /// How often messages are disturbed.
  public let rates: FaultRates
  /// Names the faults.
  public let seed: UInt64

  private struct Memory {
    var calls: UInt64 = 0
    var faults = 0
    var last: [[UInt8]?]
  }

  private let memory: Mutex<Memory>

  /// A bad link around `base`.
  ///
  /// - Parameters:
  ///   - base: The group that does the work.
  ///   - rates: How often messages are disturbed.
  ///   - seed: Names the faults; every rank draws its own.
  public init(_ base: Base, rates: FaultRates, seed: UInt64) {
    self.base = base
    self.rates = rates
    self.seed = seed
    memory = Mutex(Memory(last: Array(repeating: nil, count: base.worldSize)))
  }

  public var rank: Int { base.rank }
  public var worldSize: Int { base.worldSize }

  /// How many messages were disturbed so far.
  public var faults: Int { memory.withLock { $0.faults } }

  public func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    let pending = base.start(call, messages)
    guard call != .barrier else { return pending }
    let number = memory.withLock { memory in
      defer { memory.calls += 1 }
      return memory.calls
    }
    return PendingCall { () throws(CollectiveError) in
      var received = try pending.wait()
      for index in received.indices {
        let peer = if case .broadcast(let root) = call { root } else { index }
        if peer != self.rank { self.disturb(&received[index], from: peer, call: number) }
      }
      return received
    }
  }

  /// Does to a message what its name says.
  private func disturb(_ message: inout [UInt8], from peer: Int, call: UInt64) {
    var draws = FaultDraws(seed: seed, rank: rank, call: call, peer: peer)
    let fault = rates.fault(at: draws.unit())
    let sent = message
    let before = memory.withLock { memory in
      defer { memory.last[peer] = sent }
      return memory.last[peer]
    }
    switch fault {
    case nil: return
    case .flip?:
      guard !message.isEmpty else { return }
      for _ in 0..<min(message.count, 1 + draws.index(3)) {
        message[draws.index(message.count)] ^= 1 << UInt8(draws.index(8))
      }
      // Two flips of one bit left it as it was.
      if message == sent { message[draws.index(message.count)] ^= 1 }
    case .truncation?:
      guard !message.isEmpty else { return }
      message.removeLast(message.count - draws.index(message.count))
    case .duplicate?:
      guard let before else { return }
      message = before
    case .drop?:
      guard !message.isEmpty else { return }
      message = []
    case .delay?: _ = usleep(UInt32(1e6 * rates.delay))
    }
    memory.withLock { $0.faults += 1 }
  }
}

extension FaultInjectingCollective: Sendable where Base: Sendable {}

/// Numbers that look random and follow from a message's name (SplitMix64, Steele, Lea and Flood 2014).
private struct FaultDraws {
  private var state: UInt64

  init(seed: UInt64, rank: Int, call: UInt64, peer: Int) {
    state = seed
    for word in [UInt64(rank), call, UInt64(peer)] { state = next() ^ word }
  }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  /// Uniform in [0, 1).
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in 0..<`count`, but for a bias below `count`/2⁶⁴.
  mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}
