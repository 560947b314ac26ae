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
      the measured exchange by a ring all-gather over a link of the given speed; it is marked as modelled.

      EXAMPLES
        lamina compare runs/full runs/quantized
        lamina compare runs/full runs/quantized --link-speed 1Gbps --html comparison.html
      """)

  @Argument(help: ArgumentHelp("The folders of the runs.", valueName: "dir"))
  var directories: [String]

  @Option(help: "The speed of the modelled link, such as 5Gbps or 100Mbps.")
  var linkSpeed = LinkSpeed(bitsPerSecond: 5e9)

  @Option(help: "The latency of the modelled link, such as 50us.")
  var linkLatency = LinkLatency(seconds: 50e-6)

  @Option(help: ArgumentHelp("Also write a self-contained page.", valueName: "file"))
  var html: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if directories.isEmpty { throw ValidationError("name the folder of at least one run") }
  }

  func run() throws {
    let link = LinkModel(latency: linkLatency.seconds, bandwidth: linkSpeed.bandwidth)
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
