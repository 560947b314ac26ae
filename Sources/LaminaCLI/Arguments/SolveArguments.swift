import ArgumentParser
import Experiments

extension SolveProblem: ExpressibleByArgument {}
extension SolveMethod: ExpressibleByArgument {}

/// Step sizes as they are written on the command line; the constants of adaptive rules are options of their own.
enum StepSizesArgument: Hashable {
  case adaptive
  case separated(exponent: Double)
  case constant(lookahead: Double, anchor: Double)
  case power(lookahead: Double, anchor: Double)

  static let grammar = "adaptive, separated[:Q], constant:C[,C2] or power:C[,C2]"

  /// Reads `text`.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with it.
  init(parsing text: String) throws(ValidationError) {
    let argument = ArgumentText(text)
    switch argument.name {
    case "adaptive":
      guard argument.values.isEmpty else { throw ValidationError("adaptive takes no value") }
      self = .adaptive
    case "separated":
      let exponent = argument.values.isEmpty ? 0.25 : try argument.numbers(1...1, usage: "separated:Q")[0]
      guard exponent > 0, exponent <= 0.25 else {
        throw ValidationError("the exponent of separated step sizes lies in (0, 1/4], not \(exponent)")
      }
      self = .separated(exponent: exponent)
    case "constant", "power":
      let values = try argument.numbers(1...2, usage: "\(argument.name):C or \(argument.name):C,C2")
      guard values[0] >= 0, values[values.count - 1] > 0 else { throw ValidationError("step sizes are positive") }
      let anchor = values[values.count - 1]
      self =
        argument.name == "constant"
        ? .constant(lookahead: values[0], anchor: anchor) : .power(lookahead: values[0], anchor: anchor)
    default: throw ValidationError("unknown step sizes '\(text)'; expected \(Self.grammar)")
    }
  }
}

/// Noise as it is written on the command line.
struct NoiseArgument: Hashable {
  let noise: SolveNoise

  static let grammar = "none, absolute:S, relative:S, or batch:N for the covariance game"

  /// Reads `text`.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with it.
  init(parsing text: String) throws(ValidationError) {
    let argument = ArgumentText(text)
    switch argument.name {
    case "none" where argument.values.isEmpty: noise = .none
    case "absolute", "relative":
      let deviation = try argument.numbers(1...1, usage: "\(argument.name):S")[0]
      guard deviation >= 0 else { throw ValidationError("a standard deviation is not negative, but \(deviation) is") }
      noise = argument.name == "absolute" ? .absolute(deviation) : .relative(deviation)
    case "batch": noise = .batch(try argument.integer(in: 1...1_000_000, usage: "batch:N, N"))
    default: throw ValidationError("unknown noise '\(text)'; expected \(Self.grammar)")
    }
  }
}
