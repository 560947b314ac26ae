import ArgumentParser
import Collectives
import Experiments
import Foundation

/// `lamina bench network`.
struct BenchNetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "How long exchanges take between the processes that MPI started.",
    discussion: """
      Times the all-reduce of the MPI library on binary32 numbers and Lamina's exchanges on Gaussian vectors, all ranks \
      starting together, the slowest one counting. 'make bench-network' runs it on hosts with shaped links, which it \
      makes on this machine.

      The columns of the table: the median time; its gain over the library's all-reduce; the payload that a worker \
      receives; how fast that is, and the share of the link's speed; the bytes that left the interface beyond the \
      payload (headers of TCP, IP and Ethernet are some 4 %, acknowledgements 2 %); the time that the model predicts from \
      what plain bytes and the codec alone take in this run, beyond the measured one; and what it predicts as \
      'lamina advise' does, from the nominal speed of the link and the processor time that plain bytes cost, which the \
      heading of the table names.

      EXAMPLES
        mpirun -n 4 lamina bench network --transport mpi --parameters 2.6M
        lamina bench network --report runs/network.jsonl --plot network.svg
      """)

  @OptionGroup
  var transport: TransportOptions

  @Option(help: ArgumentHelp("Sizes of vectors, with commas, such as 500K,25M.", valueName: "counts"))
  var parameters = "500K,2.6M"

  @Option(help: "Widths of levels, with commas.")
  var bits = "5"

  @Option(help: "Bits of dithered coordinates, with commas.")
  var ditheredBits = "3"

  @Option(
    help: ArgumentHelp("The nominal speed of each worker's link, for shares and predictions.", valueName: "speed"),
    transform: LinkSpeed.init(parsing:))
  var link: LinkSpeed?

  @Option(help: ArgumentHelp("Read the system's count of bytes of this network interface.", valueName: "name"))
  var interface: String?

  @Option(parsing: .unconditional, help: "Workers on one machine, whose processor they share, for predictions.")
  var workersPerMachine: Int?

  @Option(parsing: .unconditional, help: "Seconds to spend on one scheme.")
  var secondsEach = 3.0

  @Option(help: ArgumentHelp("Append results to this file, one JSON object a line.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("Show the results in this file instead of measuring.", valueName: "file"))
  var report: String?

  @Option(help: ArgumentHelp("With --report, write a plot of the goodput.", valueName: "out.svg"))
  var plot: String?

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  func validate() throws {
    if plot != nil, report == nil { throw ValidationError("--plot needs --report") }
    if report == nil, transport.choice != .mpi {
      throw ValidationError("workers are processes here: --transport mpi, under mpirun or srun")
    }
    guard secondsEach >= 0, secondsEach.isFinite else { throw ValidationError("--seconds-each is not negative") }
    if let workersPerMachine, workersPerMachine < 1 { throw ValidationError("--workers-per-machine is at least 1") }
    _ = try dimensions()
    _ = try schemes()
  }

  func run() throws {
    if let report { return try show(NetworkResult.read(report)) }
    let (dimensions, schemes) = (try dimensions(), try schemes())
    var options = NetworkOptions()
    options.linkBitsPerSecond = link.map { 8 * $0.bandwidth }
    options.interface = interface
    options.workersPerMachine = workersPerMachine
    options.secondsEach = secondsEach
    try transport.withGroup(of: nil) { group in
      var run = try NetworkRun(group: group, options: options) { try group.addUpByLibrary(&$0) }
      var results: [NetworkResult] = []
      for dimension in dimensions {
        for scheme in schemes {
          guard let result = try run.measure(scheme, dimension: dimension), group.rank == 0 else { continue }
          results.append(result)
          if let out { try result.append(to: out) }
        }
      }
      if group.rank == 0 { try show(results) }
    }
  }

  private func show(_ results: [NetworkResult]) throws {
    if let plot {
      let command = (["lamina"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
      try OutputFile.write(Array(NetworkPlot(results).svg(command: command).utf8), to: plot)
    }
    if json {
      for result in results { try JSONOutput.print(result) }
    } else {
      print(NetworkTable(results).text, terminator: "")
    }
  }

  private func dimensions() throws(ValidationError) -> [Int] {
    var counts: [Int] = []
    for text in parameters.split(separator: ",", omittingEmptySubsequences: false) {
      counts.append(try ParameterCount(parsing: String(text)).count)
    }
    guard let largest = counts.max(), largest <= 1 << 30 else {
      throw ValidationError("--parameters are at most 2^30 each")
    }
    return counts
  }

  private func schemes() throws(ValidationError) -> [ExchangeScheme] {
    Advice.schemes(
      levelBits: try NumberList(parsing: bits, flag: "--bits", in: 2...8).numbers,
      ditheredBits: try NumberList(parsing: ditheredBits, flag: "--dithered-bits", in: 1...8).numbers
    ).filter { $0 != .allReduce(bits: 16) }
  }
}
