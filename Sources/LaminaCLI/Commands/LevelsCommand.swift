import ArgumentParser

/// `lamina levels`.
struct LevelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "levels",
    abstract: "Quantization levels.",
    discussion: """
      EXAMPLES
        lamina levels fit --distribution laplace:0.1 --interior 3 --method alq
        lamina levels fit --file gradient.f32 --interior 14 --method optimal
      """,
    subcommands: [LevelsFitCommand.self])
}
