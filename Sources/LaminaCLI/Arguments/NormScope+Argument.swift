import ArgumentParser
import Quantization

extension NormScope: ExpressibleByArgument {
  /// The size of a bucket, `layer` or `vector`.
  public init?(argument: String) {
    switch argument.lowercased() {
    case "vector": self = .vector
    case "layer": self = .layer
    default:
      guard let size = Int(argument), (1...NormScope.largestBucket).contains(size) else { return nil }
      self = .bucket(size)
    }
  }

  /// The argument that means this scope.
  public var defaultValueDescription: String {
    switch self {
    case .vector: "vector"
    case .layer: "layer"
    case .bucket(let size): String(size)
    }
  }
}
