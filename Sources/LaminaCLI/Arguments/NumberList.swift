import ArgumentParser

/// Different whole numbers of a range, with commas.
struct NumberList: Hashable {
  let numbers: [Int]

  /// Reads a list.
  ///
  /// - Throws: A `ValidationError` that names the flag and the range.
  init(parsing list: String, flag: String, in range: ClosedRange<Int>) throws(ValidationError) {
    var numbers: [Int] = []
    for text in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(text), range.contains(number), !numbers.contains(number) else {
        throw ValidationError(
          "\(flag) are different whole numbers from \(range.lowerBound) to \(range.upperBound) with commas, "
            + "not '\(list)'")
      }
      numbers.append(number)
    }
    self.numbers = numbers
  }
}
