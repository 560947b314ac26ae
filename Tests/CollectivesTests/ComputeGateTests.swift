import Collectives
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ComputeGateTests {
  @Test("Never more threads compute than the limit allows, and all get through", arguments: [1, 2, 3, 8])
  func limit(limit: Int) throws {
    let gate = ComputeGate(limit: limit)
    let inside = Atomic(0)
    let most = Atomic(0)
    let outputs = try InProcessCollective.run(worldSize: 8) { group in
      var sum = 0
      for round in 0..<200 {
        sum += gate.run {
          let now = inside.add(1, ordering: .sequentiallyConsistent).newValue
          most.max(now, ordering: .sequentiallyConsistent)
          defer { inside.subtract(1, ordering: .sequentiallyConsistent) }
          return (0..<100).reduce(round) { $0 ^ ($1 &* group.rank) }
        }
        if round % 50 == 0 { try group.barrier() }
      }
      return sum
    }
    let expected = (0..<8).map { rank in
      (0..<200).reduce(0) { sum, round in sum + (0..<100).reduce(round) { $0 ^ ($1 &* rank) } }
    }
    #expect(outputs == expected)
    #expect((1...limit).contains(most.load(ordering: .sequentiallyConsistent)))
  }

  @Test("A body that throws leaves the gate")
  func throwing() {
    struct Planned: Error {}
    let gate = ComputeGate(limit: 1)
    for _ in 0..<3 {
      #expect(throws: Planned.self) { try gate.run { throw Planned() } }
    }
    #expect(gate.run { 7 } == 7)
  }
}
