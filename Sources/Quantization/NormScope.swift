/// The set of coordinates that share one norm.
public enum NormScope: Hashable, Sendable {
  /// Every quantized coordinate of the dual vector, the scope of the papers' analysis.
  case vector
  /// All coordinates of a layer.
  case layer
  /// This many consecutive coordinates of a layer; the last bucket may be shorter. From 1 to 2²⁴.
  case bucket(Int)

  /// The largest bucket.
  public static let largestBucket = 1 << 24

  /// How many coordinates of a layer of `count` share a norm.
  func bucketSize(in count: Int) -> Int {
    if case .bucket(let size) = self { size } else { Swift.max(count, 1) }
  }

  /// How many norms a layer of `count` coordinates has; the norm of the vector is not its own.
  public func normCount(in count: Int) -> Int {
    switch self {
    case .vector: 0
    case .layer: count == 0 ? 0 : 1
    case .bucket(let size): (count + size - 1) / size
    }
  }
}
