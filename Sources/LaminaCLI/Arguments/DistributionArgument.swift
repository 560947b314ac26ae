import ArgumentParser
import LaminaNumerics

/// A law of normalised magnitudes as it is written on the command line.
enum DistributionArgument: Hashable {
  case truncatedNormal(mean: Double, deviation: Double)
  case laplace(scale: Double)

  static let grammar = "truncated-normal:MEAN,SIGMA or laplace:SCALE, both restricted to [0, 1]"

  /// Reads `text`.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with it.
  init(parsing text: String) throws(ValidationError) {
    let argument = ArgumentText(text)
    switch argument.name {
    case "truncated-normal":
      let values = try argument.numbers(2...2, usage: "truncated-normal:MEAN,SIGMA")
      guard (1e-6...1e6).contains(values[1]) else { throw ValidationError("SIGMA lies between 1e-6 and 1e6") }
      guard (-1e6...1e6).contains(values[0]) else { throw ValidationError("MEAN lies between -1e6 and 1e6") }
      self = .truncatedNormal(mean: values[0], deviation: values[1])
    case "laplace":
      let scale = try argument.numbers(1...1, usage: "laplace:SCALE")[0]
      guard (1e-6...1e6).contains(scale) else { throw ValidationError("SCALE lies between 1e-6 and 1e6") }
      self = .laplace(scale: scale)
    default: throw ValidationError("unknown distribution '\(text)'; expected \(Self.grammar)")
    }
  }
}
