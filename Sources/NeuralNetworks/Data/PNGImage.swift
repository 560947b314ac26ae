/// An 8-bit image as rows of interleaved channels.
public struct PNGImage: Hashable, Sendable {
  /// What the bytes of a pixel mean; the raw value is the number of channels.
  public enum Channels: Int, Sendable {
    case grey = 1
    case greyAlpha = 2
    case rgb = 3
    case rgba = 4
  }

  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// What the bytes of a pixel mean.
  public let channels: Channels
  /// `height` rows of `width` pixels, the channels of a pixel side by side.
  public let pixels: [UInt8]

  /// An image of given pixels.
  ///
  /// - Parameters:
  ///   - width: Pixels in a row, at least 1.
  ///   - height: Rows, at least 1.
  ///   - channels: What the bytes of a pixel mean.
  ///   - pixels: `width * height * channels` bytes, row by row.
  public init(width: Int, height: Int, channels: Channels, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "an image has at least one pixel")
    precondition(pixels.count == width * height * channels.rawValue, "an image has width * height * channels bytes")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }
}
