import ArgumentParser
import LaminaNumerics
import Quantization

/// `lamina levels fit`.
struct LevelsFitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit levels to a law or to a file, and say what they cost.",
    discussion: """
      The law is one of normalised magnitudes |v|/‖v‖: truncated-normal:MEAN,SIGMA and laplace:SCALE are exact laws on \
      [0, 1]; of a file, the numbers of each bucket are divided by its norm and count with the weight of the bucket.

      METHODS
        uniform        equally spaced
        exponential:P  0, P^N, …, P, 1
        alq, alq-gd    adaptive levels, by coordinate descent and by projected gradient
        amq, amq-zero  one adaptive multiplier p: levels ±p^j without a zero, or
                       0 and p^j; N powers below 1
        optimal        the global optimum, by dynamic programming
        lloyd          the Lloyd-Max centroids, with the ends 0 and 1 added

      The expected variance is that of a coordinate with norm 1. Levels without a zero are signed; the others are \
      magnitudes, whose signs cost one bit more for every symbol but 0.

      JSON keys: levels, multiplier, expectedVariance, probabilities, entropyBits, huffmanLengths, huffmanBits.

      EXAMPLES
        lamina levels fit --distribution truncated-normal:0,0.1 \\
          --interior 3 --method alq
        lamina levels fit --distribution laplace:0.03 --interior 7 \\
          --method amq --json
        lamina levels fit --file gradient.f32 --interior 14 \\
          --method optimal --norm l2 --bucket 8192
      """)

  @Option(
    help: ArgumentHelp("\(DistributionArgument.grammar).", valueName: "law"),
    transform: DistributionArgument.init(parsing:))
  var distribution: DistributionArgument?

  @Option(help: ArgumentHelp("Raw binary32 numbers, little endian.", valueName: "x.f32"))
  var file: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("N, the number of magnitudes strictly between 0 and 1.", valueName: "n"))
  var interior: Int

  @Option(
    help: ArgumentHelp("How the levels are chosen; see above.", valueName: "method"),
    transform: LevelsMethod.init(parsing:))
  var method: LevelsMethod

  @Option(
    help: ArgumentHelp("The norm of a bucket: l1, l2, lQ or max. (default: max)", valueName: "norm"),
    transform: Norm.init(parsing:))
  var norm: Norm?

  @Option(
    help: ArgumentHelp("The numbers that share a norm: a number, layer or vector. (default: 1024)", valueName: "scope"),
    transform: NormScope.init(parsing:))
  var bucket: NormScope?

  @Option(help: "How much a bucket counts. (default: squared-norm)")
  var weighting: NormWeighting?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard (distribution == nil) != (file == nil) else {
      throw ValidationError("give either --distribution or --file")
    }
    guard (0...126).contains(interior) else {
      throw ValidationError("--interior is from 0 to 126, not \(interior)")
    }
    if file == nil, norm != nil || bucket != nil || weighting != nil {
      throw ValidationError("--norm, --bucket and --weighting are for --file")
    }
    _ = try method.start(interiorCount: interior)
  }

  func run() throws {
    switch distribution {
    case .truncatedNormal(let mean, let deviation):
      try report(TruncatedNormal(location: mean, deviation: deviation, bounds: 0...1))
    case .laplace(let scale): try report(TruncatedExponential(scale: scale))
    case nil: try report(fileLaw(file ?? ""))
    }
  }

  /// The law of the normalised numbers of a file.
  private func fileLaw(_ path: String) throws -> PiecewiseUniform {
    let values = try FloatFile.read(path)
    // The scope of the vector is that of the layer here: a file is one layer.
    let quantizer = LevelQuantizer(levels: .ternary, norm: norm ?? .max, scope: bucket ?? .bucket(1024))
    var histogram = Histogram(weighting: weighting ?? .squaredNorm, support: .magnitudes)
    let skipped = histogram.observe(values.span, quantizer: quantizer)
    if skipped > 0 {
      StandardError.write("lamina: \(path): \(skipped) buckets left out: not finite, or of a norm out of range\n")
    }
    do {
      return try histogram.distribution(on: .magnitudes)
    } catch {
      throw CommandFailure("\(path): no bucket has a finite norm other than zero")
    }
  }

  private func report<Law: BoundedDistribution>(_ law: Law) throws {
    let start = try method.start(interiorCount: interior)
    let levels = try method.adaptation.fit(start, to: law)
    let report = LevelsReport(levels, under: law, hasMultiplier: method.hasMultiplier)
    if json { try JSONOutput.print(report) } else { report.printText() }
  }
}

/// A way to choose levels as it is written on the command line.
enum LevelsMethod: Hashable {
  case uniform
  case exponential(Double)
  case adapted(AdaptationMethod)

  /// Reads `text`.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with it.
  init(parsing text: String) throws(ValidationError) {
    let argument = ArgumentText(text)
    if argument.name == "exponential" {
      self = .exponential(try argument.numbers(1...1, usage: "exponential:P")[0])
    } else if argument.values.isEmpty, argument.name == "uniform" {
      self = .uniform
    } else if argument.values.isEmpty, let method = AdaptationMethod(rawValue: argument.name), method != .fixed {
      self = .adapted(method)
    } else {
      throw ValidationError(
        "unknown method '\(text)'; expected uniform, exponential:P, alq, alq-gd, amq, amq-zero, optimal or lloyd")
    }
  }

  /// The levels before they are adapted.
  func start(interiorCount: Int) throws(ValidationError) -> Levels {
    switch self {
    case .uniform: .uniform(intervals: interiorCount + 1)
    case .exponential(let multiplier):
      try LevelChoice.exponential(multiplier: multiplier, interiorCount: interiorCount)
    case .adapted(let method): method.startingLevels(interiorCount: interiorCount)
    }
  }

  /// What is done with them.
  var adaptation: AdaptationMethod {
    if case .adapted(let method) = self { method } else { .fixed }
  }

  /// Whether the levels are powers of one number.
  var hasMultiplier: Bool {
    switch self {
    case .uniform: false
    case .exponential: true
    case .adapted(let method): method == .amq || method == .amqWithZero
    }
  }
}
