public import Collectives
import WireFormat

/// A group in which messages that arrive damaged are sent again.
///
/// Every message travels in a `SealedMessage`. Once a call has delivered, all ranks tell each other which messages came
/// damaged, and those are sent again, one to one; this repeats until none is damaged or the retries are used up. Then
/// every rank throws the same `CollectiveError.damaged(sender:receiver:times:)`.
///
/// **Why all ranks do the same.** Whether there is another round follows from all ranks' reports. A report travels in
/// several copies, each a call of its own with a seal of its own, and one whole copy tells all; a seal holds the number
/// of the call and of the round, so that no other report passes for it. Ranks therefore see the same reports unless all
/// copies from one rank to another are damaged, which no rank can mend, since those that read them may have gone on. The
/// rank that misses a report throws, which ends it, and its peers lose it at their next wait; it never guesses. At a rate p
/// of damage that has a probability of p to the power of the copies: 10⁻¹⁰ for each pair and call at 1 %.
///
/// Reports are exchanged in `PendingCall.wait()`. So ranks wait for overlapping calls in the same order, and in the same
/// order with respect to the calls that they start. A group that has failed once fails at every later call.
///
/// With 0 retries calls pass through unchanged, without a byte more. Barriers always do. The calls of one worker come
/// from one thread.
public final class ReliableCollective<Base: Collective>: Collective {
  /// The group that does the work.
  public let base: Base
  /// How often a message is sent again, at most.
  public let retries: Int
  /// Messages that were sent again, by their senders: of all workers to all workers, the same on every rank.
  public private(set) var resent: [Int]
  /// Bytes that this rank sent to others beyond their messages: seals, reports, and messages sent again.
  public private(set) var extraBytes = 0
  /// The same in bits, with a message and a report for all counted once.
  private(set) var extraBits = 0

  /// The copies of a report.
  private static var copies: Int { 5 }

  private var calls: UInt32 = 0
  private var failure: CollectiveError?

  /// A reliable group around `base`.
  ///
  /// - Parameters:
  ///   - base: The group that does the work.
  ///   - retries: How often a message is sent again, from 0 to 1000, the same on every rank.
  public init(_ base: Base, retries: Int = 3) {
    precondition((0...1000).contains(retries), "Messages are sent again 0 to 1000 times, not \(retries)")
    self.base = base
    self.retries = retries
    resent = Array(repeating: 0, count: base.worldSize)
  }

  public var rank: Int { base.rank }
  public var worldSize: Int { base.worldSize }

  public func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    guard retries > 0, worldSize > 1, call != .barrier else { return base.start(call, messages) }
    if let failure { return PendingCall { () throws(CollectiveError) in throw failure } }
    let number = calls
    calls &+= 1
    let seal = SealedMessage(call: number, sender: rank)
    let sealed = messages.map { seal.sealing($0) }
    count(call, sealCount: messages.count)
    let pending = base.start(call, sealed)
    return PendingCall { () throws(CollectiveError) in
      if let failure = self.failure { throw failure }
      do throws(CollectiveError) {
        let received = try pending.wait()
        return try self.repaired(received, of: call, number: number, sent: sealed)
      } catch {
        self.failure = error
        throw error
      }
    }
  }

  /// The messages of a call, damaged ones sent again.
  private func repaired(
    _ received: [[UInt8]], of call: CollectiveCall, number: UInt32, sent: [[UInt8]]
  ) throws(CollectiveError) -> [[UInt8]] {
    var messages = received
    var damaged: Set<Int> = []
    for index in messages.indices {
      let sender = if case .broadcast(let root) = call { root } else { index }
      if !SealedMessage(call: number, sender: sender).open(&messages[index], isTrusted: sender == rank) {
        damaged.insert(sender)
      }
    }
    var round = 0
    while true {
      let reports = try exchangeReports(damaged, call: number, round: round)
      guard let (receiver, sender) = reports.first else { return messages }
      guard round < retries else {
        throw .damaged(sender: sender, receiver: receiver, times: retries + 1)
      }
      for report in reports { resent[report.sender] += 1 }
      var again = [[UInt8]](repeating: [], count: worldSize)
      for report in reports where report.sender == rank {
        let index = if case .allToAll = call { report.receiver } else { 0 }
        again[report.receiver] = sent[index]
        extraBytes += sent[index].count
        extraBits += 8 * sent[index].count
      }
      var repeated = try base.startAllToAll(again).wait()
      for sender in damaged {
        guard SealedMessage(call: number, sender: sender).open(&repeated[sender]) else { continue }
        damaged.remove(sender)
        let index = if case .broadcast = call { 0 } else { sender }
        messages[index] = repeated[sender]
      }
      round += 1
    }
  }

  /// Tells all ranks whose messages came damaged here.
  ///
  /// - Returns: The damaged messages of all ranks, by receiver and then by sender, the same on every rank.
  private func exchangeReports(
    _ damaged: Set<Int>, call: UInt32, round: Int
  ) throws(CollectiveError) -> [(receiver: Int, sender: Int)] {
    var bitmap = [UInt8](repeating: 0, count: (worldSize + 7) / 8 + 2)
    for sender in damaged { bitmap[sender / 8] |= 1 << UInt8(sender % 8) }
    // The round follows, so that the report of one cannot pass for that of another.
    bitmap[bitmap.count - 2] = UInt8(truncatingIfNeeded: round)
    bitmap[bitmap.count - 1] = UInt8(truncatingIfNeeded: round >> 8)
    let seal = SealedMessage(call: call, sender: rank, isReport: true)
    let report = seal.sealing(bitmap)
    let pending = (0..<Self.copies).map { _ in base.startAllGather(report) }
    extraBytes += Self.copies * report.count * (worldSize - 1)
    extraBits += 8 * Self.copies * report.count

    var bitmaps = [[UInt8]?](repeating: nil, count: worldSize)
    bitmaps[rank] = bitmap
    for copy in pending {
      var reports = try copy.wait()
      for sender in reports.indices where bitmaps[sender] == nil {
        guard SealedMessage(call: call, sender: sender, isReport: true).open(&reports[sender]),
          reports[sender].count == bitmap.count, reports[sender].suffix(2) == bitmap.suffix(2)
        else { continue }
        bitmaps[sender] = reports[sender]
      }
    }
    var all: [(receiver: Int, sender: Int)] = []
    for receiver in 0..<worldSize {
      guard let bitmap = bitmaps[receiver] else {
        throw .damaged(sender: receiver, receiver: rank, times: Self.copies)
      }
      for sender in 0..<worldSize where bitmap[sender / 8] >> UInt8(sender % 8) & 1 == 1 {
        all.append((receiver, sender))
      }
    }
    return all
  }

  /// Counts the seals of a call.
  private func count(_ call: CollectiveCall, sealCount: Int) {
    let others =
      switch call {
      case .allGather, .broadcast: sealCount * (worldSize - 1)
      case .allToAll: worldSize - 1
      case .barrier: 0
      }
    extraBytes += SealedMessage.overhead * others
    extraBits += 8 * SealedMessage.overhead * sealCount
  }
}
