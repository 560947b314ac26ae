import Collectives
import Testing

/// How a group of workers is started: the body runs once per rank, and the outputs come in rank order.
struct CollectiveSpecimen: Sendable, CustomStringConvertible {
  let description: String
  let worldSize: Int
  let run: @Sendable (@escaping @Sendable (any Collective) throws -> Bool) throws -> [Bool]

  static let zoo: [CollectiveSpecimen] =
    [
      CollectiveSpecimen(description: "solo", worldSize: 1) { [try $0(SoloCollective())] },
      CollectiveSpecimen(description: "metered solo", worldSize: 1) { [try $0(metered(SoloCollective()))] },
    ]
    + [1, 2, 3, 4, 8].flatMap { worldSize in
      [
        CollectiveSpecimen(description: "\(worldSize) in process", worldSize: worldSize) { body in
          try InProcessCollective.run(worldSize: worldSize) { try body($0) }
        },
        CollectiveSpecimen(description: "\(worldSize) in process, metered", worldSize: worldSize) { body in
          try InProcessCollective.run(worldSize: worldSize) { try body(metered($0)) }
        },
      ]
    }

  private static func metered<Base: Collective>(_ base: Base) -> MeteredCollective<Base> {
    MeteredCollective(base, link: LinkModel(latency: 1e-5, bandwidth: 1e9))
  }
}

/// Checks the laws of ``Collective`` for messages of unequal lengths, some empty, some large.
func checkCollective(_ specimen: CollectiveSpecimen) throws {
  let worldSize = specimen.worldSize
  let verdicts = try specimen.run { group in
    var isLawful = group.worldSize == worldSize && (0..<worldSize).contains(group.rank)
    for round in 0..<20 {
      let gathered = try group.allGather(message(round, from: group.rank, to: 0))
      isLawful = isLawful && gathered == (0..<worldSize).map { message(round, from: $0, to: 0) }

      let outgoing = (0..<worldSize).map { message(round, from: group.rank, to: $0) }
      let incoming = try group.allToAll(outgoing)
      isLawful = isLawful && incoming == (0..<worldSize).map { message(round, from: $0, to: group.rank) }

      let root = round % worldSize
      var heard = message(round, from: group.rank, to: 99)
      try group.broadcast(&heard, from: root)
      isLawful = isLawful && heard == message(round, from: root, to: 99)
      try group.barrier()
    }
    return isLawful
  }
  #expect(verdicts == Array(repeating: true, count: worldSize), "\(specimen)")
}

/// A message that depends on everything; empty for some, 100,000 bytes for others.
private func message(_ round: Int, from sender: Int, to receiver: Int) -> [UInt8] {
  let length = (round * 7 + sender * 3 + receiver) % 5 == 0 ? 0 : round == 13 ? 100_000 : 17 * sender + round
  return (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ round &+ 5 &* sender &+ 11 &* receiver) }
}
