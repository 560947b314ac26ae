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
        lamina decode gradient.lamina restored.f32 --json
      """)

  @Argument(help: ArgumentHelp("A file of 'lamina encode'.", valueName: "in.lamina"))
  var input: String

  @Argument(help: ArgumentHelp("The file to write: raw binary32 numbers, little endian.", valueName: "out.f32"))
  var output: String

  @OptionGroup
  var threads: ThreadOptions

  @Flag(help: "Print one JSON object; without it nothing is printed.")
  var json = false

  func run() throws {
    try OutputFile.check(output, isNot: input)
    let bytes = try InputFile.read(input)
    let file: FrameFile
    let values: [Float]
    do {
      file = try FrameFile(decoding: bytes)
      values = try Self.values(of: file, threads: threads.count)
    } catch {
      throw CommandFailure("\(input): \(error)")
    }
    let numbers = GradientFile.bytes(of: values)
    try OutputFile.write(numbers, to: output)
    if json { try JSONOutput.print(DecodeSummary(file, values: values, size: numbers.count)) }
  }

  /// The vector that a frame holds.
  static func values(of file: FrameFile, threads: Int = 1) throws -> [Float] {
    let header = try FrameReader.header(of: file.frame[...])
    var codec = ExchangeCodec(plan: file.plan, rank: Int(header.rank), threads: threads)
    var sum = [Float](repeating: 0, count: file.plan.map.dimension)
    try codec.accumulate(file.frame, step: header.step, rank: Int(header.rank), into: &sum)
    return sum
  }
}

/// What was restored.
private struct DecodeSummary: Encodable {
  let coordinates: Int
  let bytes: Int
  let frameBytes: Int
  let bitsPerCoordinate: Double
  let notFinite: Int
  let squaredNorm: JSONNumber

  init(_ file: FrameFile, values: [Float], size: Int) throws {
    coordinates = values.count
    bytes = size
    frameBytes = file.frame.count
    bitsPerCoordinate = 8 * Double(file.frame.count) / Double(values.count)
    notFinite = values.count { !$0.isFinite }
    squaredNorm = JSONNumber(try FrameReader.header(of: file.frame[...]).squaredNorm)
  }
}
