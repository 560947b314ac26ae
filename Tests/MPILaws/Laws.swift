import Collectives
import MPICollectives
import TestSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Checks the laws of `Collective` on the workers that a launcher of MPI started.
///
/// The first argument is the number of workers; the exit status is 0 only where all laws hold.
@main enum Laws {
  struct EarlyEnd: Error {}

  static func main() {
    guard CommandLine.arguments.count == 2, let worldSize = Int(CommandLine.arguments[1]) else {
      fail(["usage: MPILaws WORLD-SIZE"])
    }
    var violations: [String] = []
    do {
      try withMPI { group in
        violations += try collectiveViolations(in: group, worldSize: worldSize)
        // The longest messages, of 100,000 bytes, are four whole pieces, then three and a rest.
        for length in [25_000, 30_000] {
          var piecewise = group
          piecewise.pieceLength = length
          violations += try collectiveViolations(in: piecewise, worldSize: worldSize)
        }
        violations += try collectiveViolations(
          in: MeteredCollective(group, link: LinkModel(latency: 1e-5, bandwidth: 1e9)), worldSize: worldSize)
        violations += try mismatches(in: group)
        violations += try lostPeer(in: group)
      }
    } catch is EarlyEnd {
    } catch {
      violations.append("unexpected error: \(error)")
    }
    if !violations.isEmpty { fail(violations) }
  }

  /// Different calls are an error on every rank, and the next round works.
  private static func mismatches(in group: MPICollective) throws -> [String] {
    let last = group.worldSize - 1
    guard last > 0 else { return [] }
    var message = [UInt8(group.rank)]
    var violations = expectation(.mismatchedCalls(rank: last, expected: .barrier, found: .allGather)) {
      if group.rank == last { _ = try group.allGather([1]) } else { try group.barrier() }
    }
    violations += expectation(
      .mismatchedCalls(rank: 1, expected: .broadcast(root: 0), found: .broadcast(root: 1))
    ) {
      try group.broadcast(&message, from: group.rank == 1 ? 1 : 0)
    }
    if message != [UInt8(group.rank)] { violations.append("a failed broadcast changed its message") }
    return try violations + collectiveViolations(in: group, worldSize: group.worldSize)
  }

  /// A worker that throws makes every later call of its peers throw.
  private static func lostPeer(in group: MPICollective) throws -> [String] {
    let last = group.worldSize - 1
    if group.rank == last { throw EarlyEnd() }
    return expectation(.peerLost(rank: last)) { _ = try group.allGather([1]) }
      + expectation(.peerLost(rank: last)) { _ = try group.allToAll(Array(repeating: [2], count: group.worldSize)) }
  }

  private static func expectation(_ expected: CollectiveError, of body: () throws -> Void) -> [String] {
    do {
      try body()
      return ["no error instead of: \(expected)"]
    } catch {
      return error as? CollectiveError == expected ? [] : ["\(error) instead of: \(expected)"]
    }
  }

  private static func fail(_ messages: [String]) -> Never {
    for message in messages { print("error: \(message)") }
    exit(1)
  }
}
