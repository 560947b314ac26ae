import Collectives
import MPICollectives

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Ways in which worker 1 is lost after some calls. All others say what they are told and fail.
enum Loss: String, CaseIterable {
  /// It throws.
  case thrown
  /// It returns while the others still call.
  case early
  /// It is stopped, and says nothing more.
  case silent
  /// Its process is killed.
  case killed
  /// It lives, and does not call.
  case idle
  /// It is stopped while worker 2 computes.
  case unnoticed
  /// It throws while worker 2 computes.
  case unheard
  /// It speaks another version of the protocol.
  case version
  /// Nobody is lost: it computes for longer than silence is borne, and all succeed.
  case slow

  private struct Planned: Error, CustomStringConvertible {
    let description = "the disk is full"
  }

  func happen() {
    var limits = MPILimits(silence: 2, patience: self == .idle ? 1 : 600)
    // The rank is known only after the start, but every launcher tells it to its processes.
    let variables = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"]
    let isFirst = variables.contains { name in getenv(name).map { String(cString: $0) } == "1" }
    if self == .version && isFirst { limits.version += 1 }
    do {
      try withMPI(
        limits: limits, report: { error, rank in Self.say("rank \(rank): \(error)\n") }
      ) { group in
        for call in 0..<100 {
          if call == 50 && group.rank == 1 { try happen(to: group) }
          if [.unnoticed, .unheard].contains(self) && call == 50 && group.rank == 2 { sleep(600) }
          // Messages of both kinds: announced alone, and announced with their bytes.
          _ = try group.allGather([UInt8](repeating: 1, count: call % 2 == 0 ? 10 : 100_000))
          if self == .early && call == 60 && group.rank == 1 { return }
        }
      }
    } catch {
      exit(1)
    }
  }

  /// Writes to stderr at once.
  private static func say(_ text: String) { _ = text.withCString { write(2, $0, strlen($0)) } }

  private func happen(to group: MPICollective) throws {
    switch self {
    case .thrown, .unheard: throw Planned()
    case .early, .version: break
    case .silent, .unnoticed: raise(SIGSTOP)
    case .killed: raise(SIGKILL)
    case .idle: sleep(600)
    case .slow: sleep(5)
    }
  }
}
