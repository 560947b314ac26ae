import ArgumentParser
import EntropyCoding
import Quantization
import WireFormat

/// `lamina inspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show the plan and the frame in a file of 'lamina encode'.",
    discussion: """
      Everything is checked on the way: checksum, plan and every symbol.

      EXAMPLES
        lamina inspect gradient.lamina
        lamina inspect gradient.lamina --json
      """)

  @Argument(help: ArgumentHelp("A file of 'lamina encode'.", valueName: "file"))
  var input: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let bytes = try InputFile.read(input)
    let description: FrameFileDescription
    do {
      let file = try FrameFile(decoding: bytes)
      _ = try DecodeCommand.values(of: file)
      description = try FrameFileDescription(file, size: bytes.count)
    } catch {
      throw CommandFailure("\(input): \(error)")
    }
    if json { try JSONOutput.print(description) } else { description.printText() }
  }
}
