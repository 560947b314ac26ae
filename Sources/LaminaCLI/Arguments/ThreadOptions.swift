import ArgumentParser
import Foundation

/// How many threads encode or decode one vector.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Threads that share the vector; bytes and numbers do not depend on them. (default: the number of cores)")
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads is at least 1, not \(threads)") }
  }

  /// The number of threads.
  var count: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}
