import ArgumentParser
import GradientExchange
import Quantization
import WireFormat

/// What all commands that quantize have in common; each has its own defaults.
struct QuantizerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The norm that coordinates are divided by: max, l1, l2 or lQ. (default: max; of solve: l2)", valueName: "norm"),
    transform: Norm.init(parsing:))
  var norm: Norm?

  @Option(
    help: ArgumentHelp(
      "The coordinates that share a norm: a number, layer or vector. (default: 1024; of solve: layer)",
      valueName: "scope"),
    transform: NormScope.init(parsing:))
  var bucket: NormScope?

  @Option(help: "How symbols are coded. (default: fixed; of solve, where levels adapt: huffman)")
  var code: LayerCode.Kind?

  @Option(
    name: .customLong("protocol"),
    help: "One code per layer type (main), or one for all types (alternating). (default: main)")
  var coding: CodingProtocol?

  @Option(help: "How levels follow what is observed; the levels themselves are the start. (default: fixed)")
  var adaptation: AdaptationMethod?

  @Option(help: "How much a bucket counts in what is observed. (default: squared-norm)")
  var weighting: NormWeighting?

  @Option(help: "What happens to a NaN or an infinity: its bucket travels exactly (send), or the command fails (stop).")
  var nonFinite: NonFinitePolicy = .send

  /// The method that adapts `choice`.
  ///
  /// - Throws: A `ValidationError` if two options name different methods, or the method has no such levels.
  func method(for choice: LevelChoice) throws(ValidationError) -> AdaptationMethod {
    if let named = choice.method, let adaptation, adaptation != named {
      throw ValidationError("the levels are adapted by \(named.rawValue), but --adaptation says \(adaptation.rawValue)")
    }
    let method = choice.method ?? adaptation ?? .fixed
    guard let levels = choice.levels else {
      if adaptation != nil, adaptation != .fixed {
        throw ValidationError("--adaptation needs levels, and there are none here")
      }
      if code != nil || norm != nil || bucket != nil {
        throw ValidationError("--norm, --bucket and --code are for levels, which --quantizer or --levels names")
      }
      return .fixed
    }
    let isAMQ = method == .amq || method == .amqWithZero
    if isAMQ, levels.containZero != (method == .amqWithZero) {
      throw ValidationError(
        "\(method.rawValue) adapts levels \(method == .amq ? "without a zero; write amq:S" : "with a zero")")
    }
    return method
  }

  /// The plan of a vector, before anything of it is known.
  ///
  /// - Parameters:
  ///   - map: The layers; types that are exact by default travel exactly.
  ///   - choice: The levels.
  ///   - norm: The norm where none is named.
  ///   - scope: The scope of norms where none is named.
  ///   - code: The code where none is named.
  ///   - seed: The seed of the draws.
  /// - Returns: A plan whose code tables are those of uniform symbols.
  /// - Throws: A `PlanError`.
  func plan(
    map: LayerMap, choice: LevelChoice, norm: Norm, scope: NormScope, code: LayerCode.Kind, seed: UInt64
  ) throws(PlanError) -> QuantizationPlan {
    guard let levels = choice.levels else {
      let plans = map.types.map { ($0, $0.isExactByDefault ? LayerPlan.exact : choice.planWithoutLevels) }
      return try QuantizationPlan(
        map: map, plans: Dictionary(uniqueKeysWithValues: plans), coding: coding ?? .main, seed: seed)
    }
    return try QuantizationPlan(
      map: map, quantizer: LevelQuantizer(levels: levels, norm: self.norm ?? norm, scope: bucket ?? scope),
      code: self.code ?? code, coding: coding ?? .main, seed: seed)
  }
}
