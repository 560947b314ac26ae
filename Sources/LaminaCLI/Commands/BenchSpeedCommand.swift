import ArgumentParser
import Benchmarks
import LaminaNumerics

/// `lamina bench speed`.
struct BenchSpeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speed",
    abstract: "Time the codec beside memcpy.",
    discussion: """
      Times kernels, layers and whole frames on every instruction set of this processor, in one process, all variants \
      in turn; the least time of each counts. Ratios are to memcpy, to a pass that only reads, and to y += x, all over \
      the same coordinates in the same run: 1 is as fast, 0.5 takes twice the time. Run it on a quiet machine.

      EXAMPLES
        lamina bench speed
        lamina bench speed --tier avx2 --bits 4 --repetitions 30
        lamina bench speed --size 1048576 --json
      """)

  @Option(help: "An instruction set: portable, avx2, avx512, avx512-vbmi or neon; may be repeated (default: all).")
  var tier: [KernelTier] = []

  @Option(help: "Bits per coordinate, 2 to 8; may be repeated (default: 2 3 4 5 8).")
  var bits: [Int] = []

  @Option(help: "The coordinates of the vector.")
  var size = SpeedOptions.usual.size

  @Option(help: "How often everything is run.")
  var repetitions = SpeedOptions.usual.repetitions

  @Option(help: "The threads of what is also measured with several.")
  var threads = SpeedOptions.usual.threads

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Show progress even if stderr is no terminal.")
  var progress = false

  func validate() throws {
    for tier in tier where !KernelTier.supported.contains(tier) {
      throw ValidationError("this processor has no tier '\(tier.rawValue)'")
    }
    if let wrong = bits.first(where: { !(2...8).contains($0) }) {
      throw ValidationError("--bits is 2 to 8, not \(wrong)")
    }
    for (name, value) in [("--size", size), ("--repetitions", repetitions), ("--threads", threads)] where value < 1 {
      throw ValidationError("\(name) is at least 1, not \(value)")
    }
    if size > 1 << 28 { throw ValidationError("--size is at most 2^28, not \(size)") }
  }

  func run() throws {
    let usual = SpeedOptions.usual
    let options = SpeedOptions(
      tiers: tier.isEmpty ? usual.tiers : tier, bits: bits.isEmpty ? usual.bits : bits, size: size,
      repetitions: repetitions, threads: threads)
    let line = ProgressLine(unit: "timings", isShown: progress || StandardError.isTerminal)
    let report = SpeedRun(options).report { line.update($0, of: $1) }
    line.finish()
    if json { return try JSONOutput.print(report) }
    print(report.text, terminator: "")
  }
}
