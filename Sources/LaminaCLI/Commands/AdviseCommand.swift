import ArgumentParser
import Collectives
import Experiments
import Foundation

/// `lamina advise`.
struct AdviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise",
    abstract: "Whether compression pays on a network, and which.",
    discussion: """
      Predicts the time of a training step under full precision, 16-bit numbers, and Lamina's exchanges, from the size \
      of the model, the workers, their links, the time that they compute, and the speed of the codec, which is measured \
      on this machine. Says what to use, and when not to compress at all; then shows the best choice from 2 to 1,024 \
      workers and from 0.1 to 100 Gbit/s, each with its gain over full precision. All times but the codec's are modelled: \
      a link carries \(Int((100 * StepModel.payloadShare).rounded())) % payload, one message takes the latency, nothing \
      else is on the network, and the exchange begins when the gradient is complete.

      EXAMPLES
        A model of 25.6 million parameters on 8 workers behind 1 Gbit/s:
          lamina advise --parameters 25.6M --workers 8 --link 1Gbps \\
            --compute 150ms
        The same as a plot:
          lamina advise --parameters 25.6M --workers 8 --link 1Gbps \\
            --compute 150ms --plot advice.svg
      """)

  @Option(
    help: ArgumentHelp("Coordinates of a gradient, such as 2600000 or 25.6M.", valueName: "count"),
    transform: ParameterCount.init(parsing:))
  var parameters: ParameterCount

  @Option(parsing: .unconditional, help: "The number of workers.")
  var workers = 4

  @Option(
    help: ArgumentHelp("The link of each worker, such as 100Mbps. (default: 1Gbps)", valueName: "speed"),
    transform: LinkSpeed.init(parsing:))
  var link: LinkSpeed?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The latency of a message, such as 1ms. (default: 50us)", valueName: "latency"),
    transform: LinkLatency.init(parsing:))
  var latency: LinkLatency?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What a worker computes in a step, such as 150ms.", valueName: "time"),
    transform: LinkLatency.init(parsing:))
  var compute: LinkLatency

  @Option(help: "Widths of levels to consider, with commas.")
  var bits = "4,5,8"

  @Option(help: "Bits of dithered coordinates to consider, with commas.")
  var ditheredBits = "3,4"

  @Option(parsing: .unconditional, help: "Workers that share one processor core while they exchange.")
  var workersPerCore = 1.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The processor time of a byte that a worker sends or receives, such as 1ns; 'lamina bench network' measures it. \
      (default: 0, an adapter that does the work)
      """, valueName: "time"),
    transform: LinkLatency.init(parsing:))
  var transportCost: LinkLatency?

  @Option(help: ArgumentHelp("Write a plot of the gains.", valueName: "out.svg"))
  var plot: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard (1...65_535).contains(workers) else { throw ValidationError("--workers is 1 to 65535, not \(workers)") }
    guard workersPerCore > 0, workersPerCore.isFinite else {
      throw ValidationError("--workers-per-core is positive, not \(workersPerCore)")
    }
    _ = try schemes()
  }

  func run() throws {
    let schemes = try schemes()
    let model = try model(for: schemes)
    let advice = Advice(model, schemes: schemes)
    let grid = AdviceGrid(model, schemes: schemes)
    if let plot {
      let command = (["lamina"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
      try OutputFile.write(Array(AdvicePlot(model, schemes: schemes).svg(command: command).utf8), to: plot)
    }
    if json { return try JSONOutput.print(AdviceReport(model: model, advice: advice, grid: grid)) }
    print(advice.text)
    print("The best choice by workers and link, with its gain over full precision (modelled):\n")
    print(grid.text, terminator: "")
  }

  /// The model of the point asked for, with every codec that the schemes need measured.
  private func model(for schemes: [ExchangeScheme]) throws -> StepModel {
    var codecs: [CodecKind: CodecCost] = [:]
    let line = ProgressLine(unit: "codecs", isShown: StandardError.isTerminal && !json)
    let kinds = Set(schemes.compactMap(\.codec))
    for (index, kind) in kinds.enumerated() {
      line.update(index, of: kinds.count)
      codecs[kind] = try CodecCost(measuring: kind, count: min(parameters.count, 1 << 20))
    }
    line.finish()
    let speed = link ?? LinkSpeed(bitsPerSecond: 1e9)
    var model = StepModel(
      dimension: parameters.count, workers: workers,
      link: LinkModel(
        latency: (latency ?? LinkLatency(seconds: 50e-6)).seconds,
        bandwidth: speed.bandwidth * StepModel.payloadShare),
      compute: compute.seconds, workersPerCore: workersPerCore, codecs: codecs)
    model.transport = transportCost?.seconds ?? 0
    return model
  }

  private func schemes() throws(ValidationError) -> [ExchangeScheme] {
    Advice.schemes(
      levelBits: try NumberList(parsing: bits, flag: "--bits", in: 2...8).numbers,
      ditheredBits: try NumberList(parsing: ditheredBits, flag: "--dithered-bits", in: 1...8).numbers)
  }
}
