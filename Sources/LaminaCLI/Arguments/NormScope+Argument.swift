import ArgumentParser
import Quantization

extension NormScope {
  /// Reads the size of a bucket, `layer` or `vector`.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with the text.
  init(parsing text: String) throws(ValidationError) {
    switch text.lowercased() {
    case "vector": self = .vector
    case "layer": self = .layer
    default:
      guard let size = Int(text), (1...NormScope.largestBucket).contains(size) else {
        throw ValidationError(
          "'\(text)' is no bucket; expected a number from 1 to \(NormScope.largestBucket), layer or vector")
      }
      self = .bucket(size)
    }
  }

  /// The argument that means this scope.
  var argumentText: String {
    switch self {
    case .vector: "vector"
    case .layer: "layer"
    case .bucket(let size): String(size)
    }
  }
}
