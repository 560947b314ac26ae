/// Why a PNG image could not be read or written.
public enum PNGError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The package was built without libpng.
  case unavailable
  /// The header announces more pixels than the reader allows.
  case tooLarge(width: Int, height: Int, limit: Int)
  /// The bytes are no valid PNG image; the reason is libpng's.
  case malformed(reason: String)
  /// libpng could not encode the image; the reason is libpng's.
  case notEncodable(reason: String)

  public var description: String {
    switch self {
    case .unavailable:
      "PNG images are unavailable: this build has no libpng (build with `swift build --traits Torch`)"
    case .tooLarge(let width, let height, let limit):
      "the PNG image is \(width) by \(height) pixels, more than the \(limit) pixels allowed"
    case .malformed(let reason): "not a readable PNG image: \(reason)"
    case .notEncodable(let reason): "the image cannot be written as PNG: \(reason)"
    }
  }
}
