package import Collectives

/// How a worker saw the laws of `Collective` broken, for messages of unequal lengths, some empty, some large.
///
/// Every worker of the group calls this at the same time.
///
/// - Parameters:
///   - group: The group under test.
///   - worldSize: How many workers were started.
/// - Returns: A sentence for each violation; none when all is well.
/// - Throws: What the group threw.
package func collectiveViolations(in group: any Collective, worldSize: Int) throws -> [String] {
  guard group.worldSize == worldSize, (0..<worldSize).contains(group.rank) else {
    return ["rank \(group.rank) of \(group.worldSize) in a group of \(worldSize)"]
  }
  var violations: [String] = []
  for round in 0..<20 {
    let gathered = try group.allGather(message(round, from: group.rank, to: 0))
    if gathered != (0..<worldSize).map({ message(round, from: $0, to: 0) }) {
      violations.append("rank \(group.rank), round \(round): allGather returned other messages")
    }
    let incoming = try group.allToAll((0..<worldSize).map { message(round, from: group.rank, to: $0) })
    if incoming != (0..<worldSize).map({ message(round, from: $0, to: group.rank) }) {
      violations.append("rank \(group.rank), round \(round): allToAll returned other messages")
    }
    let root = round % worldSize
    var heard = message(round, from: group.rank, to: 99)
    try group.broadcast(&heard, from: root)
    if heard != message(round, from: root, to: 99) {
      violations.append("rank \(group.rank), round \(round): broadcast left another message")
    }
    try group.barrier()
  }
  return try violations + overlapViolations(in: group)
}

/// Calls of every kind that are under way together, waited for in two orders.
private func overlapViolations(in group: any Collective) throws -> [String] {
  var violations: [String] = []
  let worldSize = group.worldSize
  for isReversed in [false, true] {
    var pending: [(round: Int, call: PendingCall, expected: [[UInt8]])] = []
    for round in 0..<15 {
      let call: PendingCall
      let expected: [[UInt8]]
      switch round % 3 {
      case 0:
        call = group.startAllGather(message(round, from: group.rank, to: 0))
        expected = (0..<worldSize).map { message(round, from: $0, to: 0) }
      case 1:
        call = group.startAllToAll((0..<worldSize).map { message(round, from: group.rank, to: $0) })
        expected = (0..<worldSize).map { message(round, from: $0, to: group.rank) }
      default:
        let root = round % worldSize
        call = group.startBroadcast(message(round, from: group.rank, to: 99), from: root)
        expected = [message(round, from: root, to: 99)]
      }
      pending.append((round, call, expected))
    }
    for (round, call, expected) in isReversed ? pending.reversed() : pending where try call.wait() != expected {
      violations.append("rank \(group.rank), call \(round) of 15 under way together: other messages")
    }
  }
  return violations
}

/// A message that depends on everything; empty for some, 100,000 bytes for others.
private func message(_ round: Int, from sender: Int, to receiver: Int) -> [UInt8] {
  let length = (round * 7 + sender * 3 + receiver) % 5 == 0 ? 0 : round == 13 ? 100_000 : 17 * sender + round
  return (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ round &+ 5 &* sender &+ 11 &* receiver) }
}
