import Collectives

/// How a group of workers is started: the body runs once per rank, and the outputs come in rank order.
struct CollectiveSpecimen: Sendable, CustomStringConvertible {
  let description: String
  let worldSize: Int
  let run: @Sendable (@escaping @Sendable (any Collective) throws -> [String]) throws -> [[String]]

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
