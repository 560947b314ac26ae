/// Why LibTorch did not compute what it was asked for.
public enum TorchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The package was built without the trait `Torch`.
  case unavailable
  /// LibTorch refused an operation; the reason is its own.
  case failed(operation: String, reason: String)

  public var description: String {
    switch self {
    case .unavailable: "networks are unavailable: this build has no LibTorch (build with `swift build --traits Torch`)"
    case .failed(let operation, let reason): "LibTorch refused \(operation): \(reason)"
    }
  }
}
