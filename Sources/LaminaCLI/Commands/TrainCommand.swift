import ArgumentParser

/// `lamina train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train networks with several workers that exchange quantized dual vectors.",
    subcommands: [TrainWGANCommand.self])
}
