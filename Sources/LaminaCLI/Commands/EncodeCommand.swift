import ArgumentParser
import GradientExchange
import Quantization
import WireFormat

/// `lamina encode`.
struct EncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Quantize a file of binary32 numbers into a frame.",
    discussion: """
      The numbers are divided by the norm of their bucket (max and 1024 by default), rounded to levels without bias and \
      coded. The file that is written holds the plan and the frame (Documentation/FileFormat.md), so that 'lamina \
      decode' needs nothing else. With methods that adapt, and with codes that need probabilities, levels and tables \
      are fitted to this very file.

      LEVELS
      \(LevelChoice.help)

      EXAMPLES
        lamina encode gradient.f32 gradient.lamina
        lamina encode gradient.f32 gradient.lamina --bits 4 --bucket 128
        lamina encode gradient.f32 gradient.lamina --levels alq:14 --code huffman
        lamina encode gradient.f32 gradient.lamina --levels dithered:3
        lamina encode gradient.f32 gradient.lamina --levels eden:1
        Layers of a file of 1216 numbers:
          lamina encode layers.f32 layers.lamina \\
            --layers conv1.weight:864,conv1.bias:32,head.weight:320:linear
      """)

  @Argument(help: ArgumentHelp("Raw binary32 numbers, little endian.", valueName: "in.f32"))
  var input: String

  @Argument(help: ArgumentHelp("The file to write.", valueName: "out.lamina"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: "The width of a coordinate in bits, sign included, from 1 to 8: uniform levels. (default: 5)")
  var bits: Int?

  @Option(help: "The levels, in the place of --bits; see above.", transform: LevelChoice.init(parsing:))
  var levels: LevelChoice?

  @OptionGroup
  var quantizer: QuantizerOptions

  @Option(
    help: "Layers in order, NAME:COUNT or NAME:COUNT:TYPE, with commas; biases and normalisation travel exactly.",
    transform: LayerList.init(parsing:))
  var layers: LayerList?

  @Option(parsing: .unconditional, help: "The seed of the draws.")
  var seed: UInt64 = 0

  @Option(parsing: .unconditional, help: "The rank that the frame names.")
  var rank: UInt16 = 0

  @Option(parsing: .unconditional, help: "The step that the frame names.")
  var step: UInt64 = 0

  @OptionGroup
  var threads: ThreadOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if bits != nil, levels != nil { throw ValidationError("--bits and --levels exclude each other") }
    _ = try quantizer.method(for: try choice())
  }

  func run() throws {
    try OutputFile.check(output, isNot: input)
    let values = try FloatFile.read(input)
    let plan = try FittedPlan(
      map: try layers?.map(dimension: values.count) ?? .single(dimension: values.count), choice: try choice(),
      options: quantizer, seed: seed
    ).fitted(to: values, threads: threads.count)
    var codec = ExchangeCodec(
      plan: plan, rank: Int(rank), nonFinite: quantizer.nonFinite, threads: threads.count)
    let frame: EncodedFrame
    do { frame = try codec.encode(values, step: step) } catch { throw CommandFailure("\(input): \(error)") }
    let bytes = FrameFile(plan: plan, frame: frame.bytes).encoded()
    try OutputFile.write(bytes, to: output)
    let strangeCount = values.count { !$0.isFinite }
    if strangeCount > 0 {
      StandardError.write(
        "lamina: \(input): \(strangeCount) of \(values.count) numbers are not finite; they travel exactly\n")
    }
    try EncodeSummary(frame: frame, fileSize: bytes.count, count: values.count).print(asJSON: json)
  }

  /// The levels that the options name: 5 bits by default.
  private func choice() throws(ValidationError) -> LevelChoice {
    if let levels { return levels }
    let bits = bits ?? 5
    guard (1...8).contains(bits) else { throw ValidationError("--bits is a number from 1 to 8, not \(bits)") }
    let magnitudes = bits == 1 ? Levels.ternary.mirroredWithoutZero() : .uniform(intervals: (1 << (bits - 1)) - 1)
    return LevelChoice(levels: magnitudes, method: nil)
  }
}

/// What an encoding achieved.
private struct EncodeSummary: Encodable {
  let coordinates: Int
  let bytes: Int
  let frameBytes: Int
  let bitsPerCoordinate: Double
  let normalizedError: JSONNumber
  let exactBuckets: Int

  init(frame: EncodedFrame, fileSize: Int, count: Int) {
    coordinates = count
    bytes = fileSize
    frameBytes = frame.bytes.count
    bitsPerCoordinate = 8 * Double(frame.bytes.count) / Double(count)
    let error = frame.squaredNorm == 0 ? 0 : frame.squaredError / frame.squaredNorm
    // Exact buckets may hold coordinates that are not finite, of which no error can be told.
    normalizedError = JSONNumber(error.isFinite ? error : nil)
    exactBuckets = frame.exactBuckets
  }

  func print(asJSON json: Bool) throws {
    if json { return try JSONOutput.print(self) }
    Swift.print("coordinates           \(coordinates)")
    Swift.print("bytes                 \(bytes): frame \(frameBytes), plan \(bytes - frameBytes)")
    Swift.print("bits per coordinate   \(Figure.short(bitsPerCoordinate)) of the frame")
    Swift.print("normalised error      \(normalizedError.value.map(Figure.short) ?? "none, for not all is finite")")
    if exactBuckets > 0 {
      Swift.print("exact buckets         \(exactBuckets) (not finite, or of a norm out of range)")
    }
  }
}
