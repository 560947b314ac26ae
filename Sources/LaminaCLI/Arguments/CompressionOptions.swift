import ArgumentParser
import Experiments
import Foundation
import GradientExchange
import Quantization
import WireFormat

/// How dual vectors are sent: flags, a plan file, or full precision.
struct CompressionOptions: ParsableArguments {
  @Option(help: "What rounds the coordinates (default: levels).")
  var quantizer: QuantizerKind?

  @Option(
    help: ArgumentHelp(
      "With levels, the bits of a coordinate's field, sign included, from 2 to 8, and with eden from 1 to 8 (default: 5); dithered, the bits per coordinate of everything that is sent, from 0.5 to 16 (default: 3).",
      valueName: "b"))
  var bits: Double?

  @Option(
    help: ArgumentHelp(
      "A JSON file with any of these settings, and with bits by layer type.",
      discussion: """
        For example {"bits": 5, "method": "optimal", "typeBits": {"critic/output": 8, "generator/output": 0}}; 0 \
        bits send a type exactly. The settings, all optional, and the flags of the same meaning: quantizer, bits, \
        code, weighting and nonFinite are --quantizer, --bits, --code, --weighting and --non-finite; budget is \
        --bits of dithered; method is --adaptation (fixed for levels that stay: uniform, or powers of \
        fixedMultiplier); model is --statistics; grouping is --layer-wise or --global; sharesBits is --share-bits; \
        coding is --protocol; normExponent is Q of --norm lQ (null for max); bucket is --bucket, with 0 for layer \
        and null for vector; schedule is {"early": [1, 5, 20, 50], "interval": 100, "window": 1}, where interval is \
        --update-interval and window the exchanges before an update that are observed.
        """,
      valueName: "file"))
  var plan: String?

  @Flag(help: "Send 32-bit numbers.")
  var fullPrecision = false

  @Flag(help: "One level sequence per layer type: QODA (the default).")
  var layerWise = false

  @Flag(help: "Give layer types fields of different widths, --bits on average, so that the total error is least.")
  var shareBits = false

  @Flag(help: "One level sequence for all layer types.")
  var global = false

  @Option(help: "How levels follow from statistics (default: alq).")
  var adaptation: AdaptationMethod?

  @Option(help: "What is fitted to the coordinates (default: histogram).")
  var statistics: EstimateModel?

  @Option(
    help: "How much a bucket counts (default: squared-norm).")
  var weighting: NormWeighting?

  @Option(
    help: "The norm that coordinates are divided by: max, l1, l2, or lQ (default: max).",
    transform: Norm.init(parsing:))
  var norm: Norm?

  @Option(
    help: "Coordinates that share a norm: a number, layer, or vector (default: 1024).",
    transform: NormScope.init(parsing:))
  var bucket: NormScope?

  @Option(help: "The code of the symbols (default: fixed).")
  var code: LayerCode.Kind?

  @Option(name: .customLong("protocol"), help: "How layer types share codewords (default: main).")
  var coding: CodingProtocol?

  @Option(help: "Steps between two level updates, after those of the first 100 steps (default: 100).")
  var updateInterval: UInt64?

  @Option(help: "A coordinate that is NaN or infinite: send its bucket exactly, or stop (default: send).")
  var nonFinite: NonFinitePolicy?

  private var names: [(String, Bool)] {
    [
      ("--quantizer", quantizer != nil), ("--bits", bits != nil), ("--plan", plan != nil), ("--layer-wise", layerWise),
      ("--global", global), ("--share-bits", shareBits),
      ("--adaptation", adaptation != nil), ("--statistics", statistics != nil), ("--weighting", weighting != nil),
      ("--norm", norm != nil), ("--bucket", bucket != nil), ("--code", code != nil), ("--protocol", coding != nil),
      ("--update-interval", updateInterval != nil), ("--non-finite", nonFinite != nil),
    ]
  }

  /// The first flag that was given, for commands that take none.
  var firstGiven: String? { fullPrecision ? "--full-precision" : names.first { $0.1 }?.0 }

  func validate() throws {
    if fullPrecision, let other = names.first(where: \.1) {
      throw ValidationError("\(other.0) has no meaning with --full-precision")
    }
    if layerWise && global { throw ValidationError("--layer-wise and --global exclude each other") }
    if plan != nil && bits != nil { throw ValidationError("--bits and --plan exclude each other") }
    try validateQuantizer()
    if updateInterval == 0 { throw ValidationError("--update-interval is at least 1") }
  }

  private func validateQuantizer() throws {
    if let quantizer, quantizer != .levels {
      var levelFlags = [
        "--share-bits", "--global", "--layer-wise", "--adaptation", "--statistics", "--weighting", "--norm", "--bucket",
        "--code",
        "--protocol",
      ]
      // Steps are updated, rotations are not.
      if quantizer == .eden { levelFlags.append("--update-interval") }
      if let flag = names.first(where: { $0.1 && levelFlags.contains($0.0) })?.0 {
        throw ValidationError("\(flag) is for levels and has no meaning with --quantizer \(quantizer.rawValue)")
      }
    }
    if quantizer == .dithered {
      if let bits, !(0.5...16).contains(bits) { throw ValidationError("--bits is 0.5 to 16, not \(bits.formatted())") }
    } else if let bits {
      let least = quantizer == .eden ? 1.0 : 2
      if !(least...8).contains(bits) || bits != bits.rounded() {
        throw ValidationError("--bits is a whole number from \(least.formatted()) to 8, not \(bits.formatted())")
      }
    }
  }

  /// The settings, nil for full precision.
  func specification() throws -> CompressionSpec? {
    if fullPrecision { return nil }
    var spec = try plan.map(Self.read) ?? CompressionSpec()
    if let quantizer, quantizer != spec.quantizer {
      spec.quantizer = quantizer
      spec.schedule = quantizer == .dithered ? .steps : LevelSchedule()
    }
    if let bits { if spec.quantizer == .dithered { spec.budget = bits } else { spec.bits = Int(bits) } }
    if shareBits { spec.sharesBits = true }
    if global { spec.grouping = .global }
    if layerWise { spec.grouping = .layerWise }
    if let adaptation { spec.method = adaptation }
    if let statistics { spec.model = statistics }
    if let weighting { spec.weighting = weighting }
    if let norm { spec.normExponent = norm == .max ? nil : norm.exponent }
    if let bucket { spec.scope = bucket }
    if let code { spec.code = code }
    if let coding { spec.coding = coding }
    if let updateInterval {
      let early = spec.schedule.early.filter { $0 < updateInterval }
      spec.schedule = LevelSchedule(early: early, interval: updateInterval, window: spec.schedule.window)
    }
    if let nonFinite { spec.nonFinite = nonFinite }
    return spec
  }

  private static func read(_ path: String) throws -> CompressionSpec {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure("\(path): the plan file cannot be read")
    }
    do {
      return try JSONDecoder().decode(CompressionSpec.self, from: data)
    } catch let error as Swift.DecodingError {
      throw CommandFailure("\(path): \(describe(error))")
    }
  }

  private static func describe(_ error: Swift.DecodingError) -> String {
    switch error {
    case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
      .valueNotFound(_, let context):
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      if !place.isEmpty { return "'\(place)': \(context.debugDescription)" }
      if case .typeMismatch = error { return "the plan is not a JSON object" }
      return "the plan is not valid JSON"
    @unknown default: return "the plan cannot be read"
    }
  }
}
