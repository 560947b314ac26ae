import ArgumentParser

/// A number of parameters as it is written on the command line: 2600000, 25.6M, 1.3B.
struct ParameterCount: Hashable {
  let count: Int

  /// The largest count: far beyond any gradient that one worker holds.
  private static let limit = 1e13

  /// Reads a number with an optional K, M, G or B.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with the text.
  init(parsing text: String) throws(ValidationError) {
    let units: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9]
    let factor = text.lowercased().last.flatMap { units[$0] }
    let digits = factor == nil ? text[...] : text.dropLast()
    guard let number = Double(digits).map({ ($0 * (factor ?? 1)).rounded() }), (1...Self.limit).contains(number) else {
      throw ValidationError("'\(text)' is no number of parameters; expected one such as 2600000 or 25.6M")
    }
    count = Int(number)
  }
}
