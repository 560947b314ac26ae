import ArgumentParser

/// An argument of the form `NAME`, or `NAME:VALUE,VALUE`.
struct ArgumentText {
  let name: String
  let values: [String]

  init(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = parts[0].lowercased()
    values = parts.count < 2 ? [] : parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  /// The values as numbers.
  ///
  /// - Parameters:
  ///   - counts: How many there may be.
  ///   - usage: The form that is expected, for the error.
  /// - Returns: As many finite numbers as there are values.
  /// - Throws: A `ValidationError` if there are more or fewer, or one is no finite number.
  func numbers(_ counts: ClosedRange<Int>, usage: String) throws(ValidationError) -> [Double] {
    guard counts.contains(values.count) else { throw ValidationError("expected \(usage)") }
    var numbers: [Double] = []
    for value in values {
      guard let number = Double(value), number.isFinite else {
        throw ValidationError("'\(value)' is not a number; expected \(usage)")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The single value as an integer.
  func integer(in range: ClosedRange<Int>, usage: String) throws(ValidationError) -> Int {
    guard values.count == 1, let number = Int(values[0]), range.contains(number) else {
      throw ValidationError("expected \(usage) from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
