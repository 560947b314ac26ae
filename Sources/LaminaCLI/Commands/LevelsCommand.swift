import ArgumentParser

/// `lamina levels`.
struct LevelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "levels",
    abstract: "Quantization levels.",
    subcommands: [LevelsFitCommand.self])
}
