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

/// Checks the laws of `Collective` on the workers that a launcher of MPI started, or shows how one of them is lost.
///
/// The first argument is the number of workers, the second a scenario. The exit status is 0 only where all laws hold;
/// in a scenario that loses a worker every line on stderr says so, and nobody succeeds.
@main enum Laws {
  struct EarlyEnd: Error, CustomStringConvertible {
    let description = "the disk is full."
  }

  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    let scenario = arguments.count == 1 ? "laws" : arguments.last ?? ""
    guard let worldSize = arguments.first.flatMap({ Int($0) }), (1...2).contains(arguments.count) else { usage() }
    switch scenario {
    case "laws": checkLaws(worldSize: worldSize)
    case "speed": Speed.measure()
    default:
      guard let loss = Loss(rawValue: scenario) else { usage() }
      loss.happen()
    }
  }

  private static func usage() -> Never {
    fail(["usage: MPILaws WORLD-SIZE [laws|speed|\(Loss.allCases.map(\.rawValue).joined(separator: "|"))]"])
  }

  private static func checkLaws(worldSize: Int) {
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
        violations += try longMessages(in: group)
        violations += try mixedMessages(in: group)
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

  /// Messages of many whole pieces, three calls at a time; those of different ranks differ in length.
  private static func longMessages(in group: MPICollective) throws -> [String] {
    let length = 20_000_000 / group.worldSize
    func message(_ rank: Int, _ call: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(truncatingIfNeeded: 16 * rank + call), count: length + 1000 * rank + call)
    }
    var piecewise = group
    piecewise.pieceLength = 1 << 20
    let pending = (0..<3).map { piecewise.startAllGather(message(group.rank, $0)) }
    var violations: [String] = []
    for (call, gathered) in pending.enumerated() {
      let expected = (0..<group.worldSize).map { message($0, call) }
      if try gathered.wait() != expected { violations.append("long messages, call \(call): others were gathered") }
    }
    return violations
  }

  /// Calls of all kinds under way together, with messages of none, few and many pieces, and waited for from the last on.
  private static func mixedMessages(in group: MPICollective) throws -> [String] {
    let lengths = [0, 40_000, 90_000, 300_000, 700_000]
    func message(_ call: Int, from rank: Int, to receiver: Int) -> [UInt8] {
      let length = lengths[(7 * rank + 3 * receiver + call) % lengths.count]
      return [UInt8](repeating: UInt8(truncatingIfNeeded: 31 * rank + 7 * receiver + call), count: length)
    }
    let (ranks, root) = (0..<group.worldSize, group.worldSize - 1)
    var calls: [(pending: PendingCall, expected: [[UInt8]])] = []
    for call in stride(from: 0, to: 12, by: 3) {
      calls.append(
        (
          group.startAllToAll(ranks.map { message(call, from: group.rank, to: $0) }),
          ranks.map { message(call, from: $0, to: group.rank) }
        ))
      calls.append(
        (
          group.startAllGather(message(call + 1, from: group.rank, to: 0)),
          ranks.map { message(call + 1, from: $0, to: 0) }
        ))
      let announced = message(call + 2, from: root, to: 0)
      calls.append((group.start(.broadcast(root: root), group.rank == root ? [announced] : []), [announced]))
    }
    var violations: [String] = []
    for (number, call) in calls.enumerated().reversed() where try call.pending.wait() != call.expected {
      violations.append("mixed messages, call \(number): others came")
    }
    return violations
  }

  /// Different calls are an error on every rank, and the next round works.
  private static func mismatches(in group: MPICollective) throws -> [String] {
    let last = group.worldSize - 1
    guard last > 0 else { return [] }
    var message = [UInt8(group.rank)]
    // What comes with a call that the others did not make is long enough to travel on its own.
    let long = [UInt8](repeating: 7, count: 1 << 20)
    var violations = expectation(.mismatchedCalls(rank: last, expected: .barrier, found: .allGather)) {
      if group.rank == last { _ = try group.allGather(long) } else { try group.barrier() }
    }
    violations += expectation(
      .mismatchedCalls(rank: 1, expected: .broadcast(root: 0), found: .broadcast(root: 1))
    ) {
      try group.broadcast(&message, from: group.rank == 1 ? 1 : 0)
    }
    if message != [UInt8(group.rank)] { violations.append("a failed broadcast changed its message") }
    return try violations + collectiveViolations(in: group, worldSize: group.worldSize)
  }

  /// A worker that throws makes every later call of its peers throw, with what it threw.
  private static func lostPeer(in group: MPICollective) throws -> [String] {
    let last = group.worldSize - 1
    if group.rank == last { throw EarlyEnd() }
    let lost = CollectiveError.peerLost(rank: last, cause: "the disk is full")
    // Those that wait for their turn to send long messages go away in peace, too.
    let long = [UInt8](repeating: 2, count: 164_000)
    return expectation(lost) { _ = try group.allGather([1]) }
      + expectation(lost) { _ = try group.allToAll(Array(repeating: long, count: group.worldSize)) }
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
