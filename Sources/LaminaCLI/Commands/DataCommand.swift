import ArgumentParser
import NeuralNetworks

/// `lamina data`.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Data sets, and gradients recorded on them.",
    discussion: """
      EXAMPLES
        lamina data prepare --out data/emoji
        lamina data gradients --help
      """,
    subcommands: [DataPrepareCommand.self, DataGradientsCommand.self])
}

/// `lamina data prepare`.
struct DataPrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Make a data set of real colour images from the emoji font of the distribution.",
    discussion: """
      Writes "\(EmojiDataset.name)": the distinct pictures of the font, composed on white, 32 by 32 pixels, in the \
      binary layout of CIFAR-10 with a notice of what they are. They are not CIFAR-10. Install the font with \
      'apt-get install \(EmojiDataset.fontPackage)'.

      EXAMPLES
        lamina data prepare
        lamina data prepare --out data/emoji \\
          --font /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf
      """)

  @Option(help: "The folder to make; it must not exist, or be empty.")
  var out = "data/emoji"

  @Option(help: "A colour bitmap font.")
  var font = EmojiDataset.defaultFont

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Show progress even if stderr is no terminal.")
  var progress = false

  func run() throws {
    let line = ProgressLine(unit: "images", isShown: progress || StandardError.isTerminal)
    let counts: EmojiDataset.Counts
    do {
      counts = try EmojiDataset(font: font).write(to: out) { line.update($0, of: $1) }
    } catch {
      line.finish()
      throw CommandFailure("\(error)")
    }
    line.finish()
    if json { return try JSONOutput.print(counts) }
    print("\(EmojiDataset.name): \(counts.written) images in \(out)")
    print("the font embeds \(counts.embedded) images, \(counts.distinct) distinct, \(counts.unreadable) unreadable")
  }
}
