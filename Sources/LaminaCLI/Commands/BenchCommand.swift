import ArgumentParser

/// `lamina bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measurements of the codec.",
    subcommands: [BenchSpeedCommand.self, BenchDistortionCommand.self])
}
