import ArgumentParser
import Collectives
import Experiments
import Foundation

/// `lamina compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show training runs side by side.",
    discussion: """
      Runs whose specifications differ in the seed alone are one row, with mean and spread. The modelled step replaces \
      the measured exchange by a ring all-gather, or by the scatter-reduce that the run made, over a link of the given \
      speed; it is marked as modelled.

      EXAMPLES
        lamina compare runs/full runs/quantized
        lamina compare runs/full runs/quantized --link-speed 1Gbps \\
          --html comparison.html
      """)

  @Argument(help: ArgumentHelp("The folders of the runs.", valueName: "dir"))
  var directories: [String]

  @Option(
    help: ArgumentHelp("The speed of the modelled link, such as 100Mbps. (default: 5Gbps)", valueName: "speed"),
    transform: LinkSpeed.init(parsing:))
  var linkSpeed: LinkSpeed?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The latency of the modelled link, such as 1ms. (default: 50us)", valueName: "latency"),
    transform: LinkLatency.init(parsing:))
  var linkLatency: LinkLatency?

  @Option(help: ArgumentHelp("Also write a self-contained page.", valueName: "file"))
  var html: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if directories.isEmpty { throw ValidationError("name the folder of at least one run") }
  }

  func run() throws {
    let link = LinkModel.chosen(speed: linkSpeed, latency: linkLatency)
    let report = try Report(
      directories: directories, link: link, command: ["lamina"] + CommandLine.arguments.dropFirst())
    if let html { try OutputFile.write(Array(try report.html().utf8), to: html) }
    if json {
      FileHandle.standardOutput.write(Data(try report.json()))
    } else {
      print(report.text(), terminator: "")
    }
  }
}
