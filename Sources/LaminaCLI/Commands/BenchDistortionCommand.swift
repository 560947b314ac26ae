import ArgumentParser
import Experiments
import Foundation
import Quantization

/// `lamina bench distortion`.
struct BenchDistortionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "distortion",
    abstract: "Rate and distortion of every quantizer, everything counted.",
    discussion: """
      Each quantizer encodes the same vector: whole frames with their header, norms, scales, marks and the tables of \
      the dithered layers. Levels and their code tables, which travel with the level updates and not with the frames, \
      are fitted to the vector and not counted. Levels of b bits fill a field of b bits; dithered coordinates take the step that spends the bits asked for.

      The columns are all bits over all coordinates; the squared error over the squared norm; its distance from \
      4^-bits in dB; Shannon's lower bound of the error at these bits, where the law is known; and, with several \
      layers, the error of the worst layer over its own squared norm.

      QUANTIZERS
      \(DistortionScheme.all.map { "  \($0.name): \($0.title)" }.joined(separator: "\n"))

      EXAMPLES
        lamina bench distortion
        lamina bench distortion --source laplace --bits 3,4,5 \\
          --only optimal,eden,dithered
        lamina bench distortion --file gradient.f32 --plot gradient.svg \\
          --layers conv1.weight:864,conv1.bias:32
      """)

  @Option(
    help: ArgumentHelp(
      "Laws with commas: gaussian, laplace, student, sparse.",
      discussion: "Student's t has 3 degrees of freedom; of sparse, 99 in 100 are 0. The default is the first three.",
      valueName: "laws"))
  var source: String?

  @Option(help: "Coordinates of a law.")
  var count = 1 << 20

  @Option(help: ArgumentHelp("Raw binary32 numbers, little endian, in place of a law.", valueName: "in.f32"))
  var file: String?

  @Option(
    help:
      "The layers of the file, NAME:COUNT or NAME:COUNT:TYPE, with commas; biases and normalisation travel exactly.",
    transform: LayerList.init(parsing:))
  var layers: LayerList?

  @Option(help: ArgumentHelp("The layers of the file, as a file that holds what --layers takes.", valueName: "file"))
  var layersFile: String?

  @Option(help: "Bits per coordinate, with commas: whole numbers from 1 to 8, for dither any from 0.01 to 16.")
  var bits = "1,2,3,4,5,6,7,8"

  @Option(help: "Only these quantizers, with commas.")
  var only: String?

  @Option(help: "The seed of the coordinates and of the draws.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Write a plot of the tables.", valueName: "out.svg"))
  var plot: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if file != nil, source != nil { throw ValidationError("--file and --source exclude each other") }
    if file == nil, layers != nil || layersFile != nil { throw ValidationError("--layers needs --file") }
    if layers != nil, layersFile != nil { throw ValidationError("--layers and --layers-file exclude each other") }
    guard (1...1 << 28).contains(count) else { throw ValidationError("--count is 1 to 2^28, not \(count)") }
    _ = try sources()
    _ = try widths()
    _ = try schemes()
  }

  func run() throws {
    let schemes = try schemes()
    let widths = try widths()
    let vectors = try vectors()
    let line = ProgressLine(unit: "quantizers", isShown: StandardError.isTerminal && !json)
    var done = 0
    var tables: [DistortionTable] = []
    for vector in vectors {
      let table = try DistortionTable(of: vector, schemes: schemes, bits: widths, seed: seed) { name in
        line.update(done, of: schemes.count * vectors.count, note: "\(vector.name), \(name)")
        done += 1
      }
      tables.append(table)
    }
    line.finish()
    if let plot {
      try OutputFile.write(Array(DistortionPlot(tables).svg(command: command).utf8), to: plot)
    }
    if json { return try JSONOutput.print(Result(seed: seed, tables: tables)) }
    print(tables.map { $0.text() }.joined(separator: "\n"), terminator: "")
  }

  private struct Result: Encodable {
    let seed: UInt64
    let tables: [DistortionTable]
  }

  private var command: String { (["lamina"] + CommandLine.arguments.dropFirst()).joined(separator: " ") }

  private func vectors() throws -> [DistortionTable.Vector] {
    guard let file else {
      return try sources().map { try DistortionTable.Vector(source: $0, count: count, seed: seed) }
    }
    let values = try FloatFile.read(file)
    guard values.allSatisfy(\.isFinite) else { throw CommandFailure("\(file): not all numbers are finite") }
    guard values.contains(where: { $0 != 0 }) else { throw CommandFailure("\(file): all numbers are 0") }
    let list = try layersFile.map(LayerList.init(file:)) ?? layers
    let map = try list?.map(dimension: values.count) ?? .single(dimension: values.count)
    let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    return [DistortionTable.Vector(name: name, values: values, map: map)]
  }

  private func sources() throws(ValidationError) -> [DistortionSource] {
    guard let source else { return DistortionSource.continuous }
    var sources: [DistortionSource] = []
    for name in parts(of: source) {
      guard let source = DistortionSource(rawValue: name) else {
        throw ValidationError("--source is gaussian, laplace, student, sparse, or several with commas, not '\(name)'")
      }
      sources.append(source)
    }
    return sources
  }

  private func widths() throws(ValidationError) -> [Double] {
    var widths: [Double] = []
    for text in parts(of: bits) {
      guard let width = Double(text), (0.01...16).contains(width) else {
        throw ValidationError("--bits are numbers from 0.01 to 16 with commas, not '\(text)'")
      }
      widths.append(width)
    }
    return widths
  }

  private func schemes() throws(ValidationError) -> [DistortionScheme] {
    guard let only else { return DistortionScheme.all }
    var schemes: [DistortionScheme] = []
    for name in parts(of: only) {
      guard let scheme = DistortionScheme.named(name) else {
        throw ValidationError("no quantizer is named '\(name)'; see the list of --help")
      }
      schemes.append(scheme)
    }
    return schemes
  }

  private func parts(of list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
