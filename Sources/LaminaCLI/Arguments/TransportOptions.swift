import ArgumentParser
import Collectives
import Experiments
import Foundation
import MPICollectives
import Synchronization

/// Where the workers are.
enum TransportChoice: String, CaseIterable, ExpressibleByArgument {
  /// Threads of this process.
  case threads
  /// Processes that a launcher of MPI started, on one machine or many.
  case mpi
}

/// How workers reach each other.
struct TransportOptions: ParsableArguments {
  @Option(
    name: .customLong("transport"),
    help: "Where the workers are: threads of this process, or the processes that mpirun or srun started with it.")
  var choice: TransportChoice = .threads

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With mpi, the silence after which a worker's process is lost to all (default: 10, or what LAMINA_TIMEOUT says).",
      valueName: "seconds"))
  var timeout: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With mpi, how long a worker whose process lives may keep the others waiting (default: 600).",
      valueName: "seconds"))
  var patience: Double?

  func validate() throws {
    for (flag, seconds) in [("--timeout", timeout), ("--patience", patience)] {
      guard let seconds else { continue }
      guard seconds > 0, seconds.isFinite else { throw ValidationError("\(flag) is positive, not \(seconds)") }
      guard choice == .mpi else { throw ValidationError("\(flag) has no meaning without --transport mpi") }
    }
  }

  /// Runs `body` as one of the workers that a launcher started.
  ///
  /// Prints what ends this worker before its peers are let go: a launcher ends them once the first has failed.
  ///
  /// - Parameters:
  ///   - workers: How many there must be; nil for any number.
  ///   - body: The work of this rank.
  /// - Throws: An exit code where the error is printed, and otherwise the error.
  func withGroup(of workers: Int?, _ body: (MPICollective) throws -> Void) throws {
    let code = Mutex<Int32?>(nil)
    do {
      try withMPI(
        limits: MPILimits(silence: timeout, patience: patience ?? 600),
        report: { error, rank in
          let printed = CommandRunner.printFailure(error, by: "rank \(rank)").rawValue
          code.withLock { $0 = printed }
        }
      ) { group in
        if let workers, workers != group.worldSize {
          throw ValidationError("--workers is \(workers), but \(group.worldSize) processes were started")
        }
        try body(group)
      }
    } catch {
      if let code = code.withLock({ $0 }) { throw ExitCode(code) }
      if error as? CollectiveError == .unavailable { throw CommandFailure(Self.unavailable) }
      throw CommandFailure("\(error)")
    }
  }

  private static var unavailable: String {
    #if MPI
      "MPI does not grant calls from several threads here"
    #else
      "this build has no MPI; build with the package trait MPI: swift build -c release --traits Torch,MPI"
    #endif
  }

  /// Says so where a launcher started several processes that do not know of each other.
  func warnOfLauncher() {
    guard choice == .threads, Launcher.processes > 1, Launcher.rank == 0 else { return }
    StandardError.write(
      "lamina: \(Launcher.processes) processes were started, and each does everything: "
        + "--transport mpi makes them the workers of one run\n")
  }
}

/// What a launcher of MPI tells its processes in the environment.
private enum Launcher {
  static var processes: Int { number(["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"]) ?? 1 }
  static var rank: Int { number(["OMPI_COMM_WORLD_RANK", "PMI_RANK"]) ?? 0 }

  private static func number(_ names: [String]) -> Int? {
    let environment = ProcessInfo.processInfo.environment
    return names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
  }
}
