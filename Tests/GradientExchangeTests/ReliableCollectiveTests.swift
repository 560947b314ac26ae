import Collectives
import EntropyCoding
import GradientExchange
import Synchronization
import TestSupport
import Testing

@Suite("Messages that arrive damaged are sent again", .timeLimit(.minutes(10)))
struct ReliableCollectiveTests {
  /// Every kind of damage alone, and all together with delays.
  static let rates: [FaultRates] = [
    FaultRates(flips: 0.05), FaultRates(truncations: 0.05), FaultRates(duplicates: 0.05), FaultRates(drops: 0.05),
    FaultRates(flips: 0.02, truncations: 0.02, duplicates: 0.02, drops: 0.02, delays: 0.01, delay: 1e-4),
  ]

  @Test("the laws of a collective hold over a link that damages 5 to 8 % of all messages", arguments: rates, [2, 3, 5])
  func laws(rates: FaultRates, workers: Int) throws {
    let outcomes = try InProcessCollective.run(worldSize: workers) { base in
      let link = FaultInjectingCollective(base, rates: rates, seed: 3)
      let group = ReliableCollective(link, retries: 20)
      let violations = try collectiveViolations(in: group, worldSize: workers)
      return (violations, link.faults, group.resent)
    }
    #expect(outcomes.flatMap(\.0) == [])
    #expect(outcomes.allSatisfy { $0.1 > 0 })
    #expect(outcomes.allSatisfy { $0.2 == outcomes[0].2 }, "all ranks count the same")
    #expect(outcomes[0].2.reduce(0, +) > 0)
  }

  @Test("without retries the laws are seen to be broken, so that the test above can fail")
  func unprotected() throws {
    let violations = try InProcessCollective.run(worldSize: 3) { base in
      try collectiveViolations(in: FaultInjectingCollective(base, rates: .damage(0.05), seed: 3), worldSize: 3)
    }
    #expect(violations.contains { !$0.isEmpty })
  }

  @Test("with 0 retries, and for a lone worker, messages pass without a byte more")
  func transparent() throws {
    for workers in [1, 3] {
      let traffic = try InProcessCollective.run(worldSize: workers) { base in
        let meter = MeteredCollective(base, link: LinkModel(latency: 0, bandwidth: 1))
        let group = ReliableCollective(meter, retries: workers == 1 ? 3 : 0)
        _ = try group.allGather([1, 2, 3])
        return (meter.traffic, group.extraBytes)
      }
      #expect(traffic.allSatisfy { $0.0.calls == 1 && $0.0.bytesSent == 3 * (workers - 1) && $0.1 == 0 })
    }
  }

  @Test("the bytes beyond the messages are those on the wire")
  func bytes() throws {
    let lengths = try InProcessCollective.run(worldSize: 4) { base in
      let meter = MeteredCollective(
        FaultInjectingCollective(base, rates: .damage(0.03), seed: 8), link: LinkModel(latency: 0, bandwidth: 1))
      let group = ReliableCollective(meter, retries: 9)
      for _ in 0..<50 {
        _ = try group.allGather([UInt8](repeating: 7, count: 100))
        _ = try group.allToAll((0..<4).map { [UInt8](repeating: 7, count: 10 * $0) })
      }
      let own = 50 * (300 + 60 - 10 * group.rank)
      return (meter.traffic.bytesSent, own + group.extraBytes)
    }
    // What a rank sends is never disturbed, and the meter counts it above the link.
    #expect(lengths.allSatisfy { $0.0 == $0.1 })
  }

  /// What each rank met when the messages that `isHit` names are emptied; its calls are counted, reports included.
  private func errors(
    workers: Int = 3, retries: Int = 2, calls: Int = 3,
    isHit: @escaping @Sendable (_ rank: Int, _ index: Int) -> Bool
  ) throws -> [CollectiveError?] {
    try InProcessCollective.run(worldSize: workers) { base in
      let group = ReliableCollective(
        TamperingCollective(base) { isHit(base.rank, $1) ? Array($2.dropLast(9)) : $2 }, retries: retries)
      do {
        for _ in 0..<calls { _ = try group.allGather([1, 2, 3]) }
        return nil
      } catch let error as CollectiveError {
        return error
      }
    }
  }

  @Test("a message that never arrives whole is an error that names sender and receiver, the same on every rank")
  func exhausted() throws {
    // A call with its reports takes the indices 0 to 5, a round of retries 6 more.
    let met = try errors { rank, index in rank == 1 && index % 6 == 0 }
    #expect(met == Array(repeating: .damaged(sender: 1, receiver: 0, times: 3), count: 3))
    #expect("\(try #require(met[0]))" == "What worker 1 sent to worker 0 arrived damaged 3 times.")
    // One time less is mended.
    #expect(try errors(calls: 1) { rank, index in rank == 1 && index % 6 == 0 && index < 12 } == [nil, nil, nil])
  }

  @Test("any one whole copy of a report is enough", arguments: 1...5)
  func oneCopy(whole: Int) throws {
    let met = try errors { rank, index in rank == 2 && (1...5).contains(index) && index != whole }
    #expect(met == [nil, nil, nil])
  }

  @Test("a report of which no copy is whole ends every rank, and nobody hangs")
  func noCopy() throws {
    let met = try errors { rank, index in rank == 2 && (1...5).contains(index) }
    #expect(met[0] == .damaged(sender: 2, receiver: 0, times: 5))
    #expect(met[1] == .damaged(sender: 2, receiver: 1, times: 5))
    // The sender does not know; it loses the first of the others at its next call.
    guard case .peerLost? = met[2] else {
      Issue.record("\(String(describing: met[2]))")
      return
    }
  }

  @Test("a group that has failed keeps failing")
  func failed() throws {
    let met = try InProcessCollective.run(worldSize: 2) { base in
      let group = ReliableCollective(TamperingCollective(base) { _, _, _ in [] }, retries: 1)
      return (0..<2).map { _ in
        do throws(CollectiveError) {
          _ = try group.allGather([1])
          return nil as CollectiveError?
        } catch {
          return error
        }
      }
    }
    #expect(met.allSatisfy { $0[0] != nil && $0[0] == $0[1] })
  }

  @Test("the same seed gives the same faults, another seed others")
  func deterministic() throws {
    func received(seed: UInt64) throws -> [[[UInt8]]] {
      try InProcessCollective.run(worldSize: 3) { base in
        let group = FaultInjectingCollective(base, rates: .damage(0.5), seed: seed)
        return try (0..<20).flatMap { step in try group.allGather(Array(repeating: UInt8(step), count: 30)) }
      }
    }
    let first = try received(seed: 1)
    #expect(try received(seed: 1) == first)
    #expect(try received(seed: 2) != first)
  }
}
