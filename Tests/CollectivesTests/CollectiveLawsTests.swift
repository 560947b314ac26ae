import Collectives
import TestSupport
import Testing

@Suite struct CollectiveLawsTests {
  @Test("Every collective obeys the laws of Collective", arguments: CollectiveSpecimen.zoo)
  func laws(specimen: CollectiveSpecimen) throws {
    let worldSize = specimen.worldSize
    let violations = try specimen.run { try collectiveViolations(in: $0, worldSize: worldSize) }
    #expect(violations == Array(repeating: [], count: worldSize), "\(specimen)")
  }

  @Test("Every error has a sentence")
  func sentences() {
    let errors: [CollectiveError] = [
      .peerLost(rank: 3), .mismatchedCalls(rank: 1, expected: .allGather, found: .broadcast(root: 2)), .unavailable,
      .transport(code: 7),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { $0.description.hasSuffix(".") })
  }
}
