import ArgumentParser

/// `lamina bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "What quantization costs and loses.",
    subcommands: [
      BenchDistortionCommand.self
    ])
}
