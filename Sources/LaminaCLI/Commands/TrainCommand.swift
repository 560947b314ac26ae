import ArgumentParser

/// `lamina train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train networks with several workers that exchange quantized dual vectors.",
    discussion: """
      EXAMPLES
        lamina train wgan --data data/emoji --workers 4 --bits 5 --out runs/5bit
        lamina train wgan --resume runs/5bit --steps 2000
      """,
    subcommands: [TrainWGANCommand.self])
}
