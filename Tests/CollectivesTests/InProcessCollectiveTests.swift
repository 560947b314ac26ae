import Collectives
import Synchronization
import Testing

private struct Planned: Error, Equatable { let rank: Int }

/// Recurses through frames of at least 1 KiB each; 8,000 of them fill half of the default stack of a rank.
private func depth(_ level: Int) -> Int {
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { buffer in
    buffer[level % 1024] = 1
    return level == 0 ? Int(buffer[0]) : depth(level - 1) + Int(buffer[level % 1024])
  }
}

@Suite(.timeLimit(.minutes(1))) struct InProcessCollectiveTests {
  @Test("Results come in rank order")
  func rankOrder() throws {
    #expect(try InProcessCollective.run(worldSize: 8) { $0.rank * $0.rank } == [0, 1, 4, 9, 16, 25, 36, 49])
  }

  @Test("10,000 rounds", arguments: [2, 4])
  func manyRounds(worldSize: Int) throws {
    let sums = try InProcessCollective.run(worldSize: worldSize) { group in
      var sum = 0
      for round in 0..<10_000 {
        let messages = try group.allGather([UInt8(truncatingIfNeeded: round &+ group.rank)])
        for (rank, message) in messages.enumerated() {
          sum += message == [UInt8(truncatingIfNeeded: round &+ rank)] ? 1 : 0
        }
      }
      return sum
    }
    #expect(sums == Array(repeating: 10_000 * worldSize, count: worldSize))
  }

  @Test("A rank that throws in round 5 of 10: the peers learn who is lost, and run rethrows the original error")
  func failure() {
    let told = Mutex<[Int: CollectiveError]>([:])
    let rounds = Mutex<[Int: Int]>([:])
    #expect(throws: Planned(rank: 2)) {
      try InProcessCollective.run(worldSize: 4) { group in
        for round in 0..<10 {
          if group.rank == 2 && round == 5 { throw Planned(rank: 2) }
          do throws(CollectiveError) {
            _ = try group.allGather([UInt8(round)])
            rounds.withLock { $0[group.rank] = round + 1 }
          } catch {
            told.withLock { $0[group.rank] = error }
            throw error
          }
        }
      }
    }
    let lost = CollectiveError.peerLost(rank: 2, cause: "Planned(rank: 2)")
    #expect(told.withLock { $0 } == [0: lost, 1: lost, 3: lost])
    #expect(rounds.withLock { $0 } == [0: 5, 1: 5, 2: 5, 3: 5])
  }

  @Test("When several ranks fail on their own, run rethrows the error of the lowest")
  func severalFailures() {
    #expect(throws: Planned(rank: 1)) {
      try InProcessCollective.run(worldSize: 4) { group in
        try group.barrier()
        if group.rank == 1 || group.rank == 3 { throw Planned(rank: group.rank) }
      }
    }
  }

  @Test("Consequences that a body wraps into errors of its own do not hide the cause")
  func wrappedConsequences() {
    struct Wrapped: Error {}
    #expect(throws: Planned(rank: 3)) {
      try InProcessCollective.run(worldSize: 4) { group in
        if group.rank == 3 { throw Planned(rank: 3) }
        do { try group.barrier() } catch { throw Wrapped() }
      }
    }
  }

  @Test("A rank that ends early is a lost peer, for calls now and later")
  func earlyEnd() {
    let told = Mutex(0)
    let body: @Sendable (InProcessCollective) throws -> Void = { group in
      if group.rank == 1 { return }
      for _ in 0..<5 {
        do throws(CollectiveError) {
          try group.barrier()
        } catch {
          if error == .peerLost(rank: 1) { told.withLock { $0 += 1 } }
        }
      }
      try group.barrier()
    }
    #expect(throws: CollectiveError.peerLost(rank: 1)) { try InProcessCollective.run(worldSize: 3, body) }
    #expect(told.withLock { $0 } == 10)
  }

  @Test("Different calls in one round are an error on every rank, and the next round works")
  func mismatchedCalls() throws {
    let expected = CollectiveError.mismatchedCalls(rank: 2, expected: .barrier, found: .allGather)
    let sums = try InProcessCollective.run(worldSize: 3) { group in
      #expect(throws: expected) {
        if group.rank == 2 { _ = try group.allGather([1]) } else { try group.barrier() }
      }
      var message: [UInt8] = [UInt8(group.rank)]
      #expect(
        throws: CollectiveError.mismatchedCalls(
          rank: 1, expected: .broadcast(root: 0), found: .broadcast(root: 1))
      ) {
        try group.broadcast(&message, from: group.rank == 1 ? 1 : 0)
      }
      #expect(message == [UInt8(group.rank)])
      return try group.allGather([5]).count
    }
    #expect(sums == [3, 3, 3])
  }

  @Test("Gathered messages share the sender's memory")
  func noCopies() throws {
    let addresses = try InProcessCollective.run(worldSize: 2) { group in
      let own = [UInt8](repeating: UInt8(group.rank), count: 1 << 16)
      let messages = try group.allGather(own)
      return (messages + [own]).map { message in message.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
    }
    #expect(addresses[0][0] == addresses[0][2])
    #expect(addresses[1][1] == addresses[1][2])
    #expect(addresses[0].prefix(2) == addresses[1].prefix(2))
  }

  @Test("A rank has a deep stack")
  func stack() throws {
    let depths = try InProcessCollective.run(worldSize: 2) { _ in depth(8000) }
    #expect(depths == [8001, 8001])
  }

  @Test("A thread that the system refuses is reported")
  func refusedThread() {
    #expect(throws: CollectiveError.unavailable) {
      try InProcessCollective.run(worldSize: 2, stackSize: 1 << 60) { try $0.barrier() }
    }
  }
}
