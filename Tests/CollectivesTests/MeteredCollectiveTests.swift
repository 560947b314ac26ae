import Collectives
import Testing

@Suite struct MeteredCollectiveTests {
  private static let link = LinkModel(latency: 0.5, bandwidth: 100)

  @Test("Bytes sent and received, and modelled seconds, are those of the formulas")
  func counts() throws {
    let traffic = try InProcessCollective.run(worldSize: 4) { base in
      let group = MeteredCollective(base, link: Self.link)
      // Messages of 0, 100, 200 and 300 bytes.
      _ = try group.allGather([UInt8](repeating: 0, count: 100 * base.rank))
      let gather = group.takeTraffic()
      // Rank r sends 10·r bytes to everybody, itself included.
      _ = try group.allToAll(Array(repeating: [UInt8](repeating: 0, count: 10 * base.rank), count: 4))
      let exchange = group.takeTraffic()
      var message = base.rank == 1 ? [UInt8](repeating: 0, count: 50) : []
      try group.broadcast(&message, from: 1)
      let broadcast = group.takeTraffic()
      try group.barrier()
      return [gather, exchange, broadcast, group.traffic]
    }
    for rank in 0..<4 {
      #expect(traffic[rank][0] == expected(sent: 300 * rank, received: 600 - 100 * rank, seconds: 3 * (0.5 + 3)))
      let sent = 30 * rank
      let received = 60 - 10 * rank
      let seconds = 1.5 + Double(max(sent, received)) / 100
      #expect(traffic[rank][1] == expected(sent: sent, received: received, seconds: seconds))
      #expect(
        traffic[rank][2] == expected(sent: rank == 1 ? 150 : 0, received: rank == 1 ? 0 : 50, seconds: 2 * (0.5 + 0.5)))
      #expect(traffic[rank][3] == expected(sent: 0, received: 0, seconds: 1))
    }
  }

  @Test("What all send is what all receive, and traffic adds up")
  func balance() throws {
    let parts = try InProcessCollective.run(worldSize: 3) { base in
      let group = MeteredCollective(base, link: Self.link)
      for round in 0..<5 {
        _ = try group.allGather([UInt8](repeating: 1, count: round * base.rank + 3))
        _ = try group.allToAll((0..<3).map { [UInt8](repeating: 2, count: $0 + base.rank + round) })
        var message: [UInt8] = [1, 2, 3]
        try group.broadcast(&message, from: round % 3)
      }
      return group.traffic
    }
    let total = parts.reduce(Traffic(), +)
    #expect(total.bytesSent == total.bytesReceived)
    #expect(total.bytesSent > 0)
    #expect(total.calls == 45)
  }

  @Test("A call that fails is not counted")
  func failures() throws {
    _ = try InProcessCollective.run(worldSize: 2) { base in
      let group = MeteredCollective(base, link: Self.link)
      #expect(throws: CollectiveError.self) {
        if base.rank == 0 { try group.barrier() } else { _ = try group.allGather([1, 2, 3]) }
      }
      #expect(group.traffic == Traffic())
    }
  }

  @Test("One worker sends nothing")
  func solo() throws {
    let group = MeteredCollective(SoloCollective(), link: Self.link)
    #expect(try group.allGather([1, 2]) == [[1, 2]])
    #expect(try group.allToAll([[3]]) == [[3]])
    try group.barrier()
    var calls = Traffic()
    calls.calls = 3
    #expect(group.traffic == calls)
  }

  private func expected(sent: Int, received: Int, seconds: Double) -> Traffic {
    var traffic = Traffic()
    traffic.calls = 1
    traffic.bytesSent = sent
    traffic.bytesReceived = received
    traffic.modelledSeconds = seconds
    return traffic
  }
}
