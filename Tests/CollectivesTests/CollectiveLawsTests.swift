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
      .peerLost(rank: 3), .peerLost(rank: 3, cause: "it is silent"),
      .mismatchedCalls(rank: 1, expected: .allGather, found: .broadcast(root: 2)), .unavailable,
      .incompatible(rank: 1, reason: "it speaks version 2"), .transport(code: 7, message: "no route"),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { $0.description.hasSuffix(".") })
  }

  @Test("What peers are told of an error is one line without a full stop")
  func causes() {
    struct Wordy: Error, CustomStringConvertible { let description = "It broke.\nAll of it.." }
    #expect(CollectiveError.cause(of: Wordy()) == "It broke. All of it")
    #expect(CollectiveError.cause(of: CollectiveError.unavailable) == "The workers could not be started")
  }
}
