import ArgumentParser
import Experiments
import GradientExchange
import WireFormat

/// `lamina decode`.
struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Restore the binary32 numbers that 'lamina encode' quantized.",
    discussion: """
      The frame is checked whole before anything is written: its checksum, its plan and every symbol.

      EXAMPLES
        lamina decode gradient.lamina restored.f32
      """)

  @Argument(help: ArgumentHelp("A file of 'lamina encode'.", valueName: "in.lamina"))
  var input: String

  @Argument(help: ArgumentHelp("The file to write: raw binary32 numbers, little endian.", valueName: "out.f32"))
  var output: String

  func run() throws {
    try OutputFile.check(output, isNot: input)
    let bytes = try InputFile.read(input)
    let values: [Float]
    do { values = try Self.values(of: FrameFile(decoding: bytes)) } catch { throw CommandFailure("\(input): \(error)") }
    try OutputFile.write(GradientFile.bytes(of: values), to: output)
  }

  /// The vector that a frame holds.
  static func values(of file: FrameFile) throws -> [Float] {
    let header = try FrameReader.header(of: file.frame[...])
    var codec = ExchangeCodec(plan: file.plan, rank: Int(header.rank))
    var sum = [Float](repeating: 0, count: file.plan.map.dimension)
    try codec.accumulate(file.frame, step: header.step, rank: Int(header.rank), into: &sum)
    return sum
  }
}
