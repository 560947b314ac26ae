import ArgumentParser

/// Steps as they are written on the command line: whole numbers from 1 with commas.
struct StepList {
  let steps: Set<Int>

  /// Reads `text`.
  ///
  /// - Throws: A `ValidationError` that names the flag.
  init(parsing text: String, flag: String) throws(ValidationError) {
    var steps: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let step = Int(part), step >= 1 else {
        throw ValidationError("\(flag) are whole numbers from 1 with commas, not '\(part)'")
      }
      steps.insert(step)
    }
    self.steps = steps
  }
}
