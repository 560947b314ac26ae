import NeuralNetworks

/// Many small images as one.
public struct SampleGrid: Sendable {
  /// Images in a row.
  public var columns: Int
  /// Pixels between and around the images.
  public var padding: Int
  /// The grey of the padding.
  public var background: UInt8

  /// A layout.
  ///
  /// - Parameters:
  ///   - columns: Images in a row, at least 1.
  ///   - padding: Pixels between and around the images, at least 0.
  ///   - background: The grey of the padding and of places without an image.
  public init(columns: Int = 16, padding: Int = 2, background: UInt8 = 255) {
    precondition(columns > 0 && padding >= 0, "a grid has at least one column and no negative padding")
    self.columns = columns
    self.padding = padding
    self.background = background
  }

  /// The images of a data set, row by row, as one RGB image.
  ///
  /// - Parameter images: At least one image of 1 or 3 channels; grey ones become RGB.
  /// - Returns: `columns` images wide, or fewer if there are fewer.
  public func image(of images: ImageDataset) -> PNGImage {
    precondition(images.count > 0, "a grid shows at least one image")
    precondition(images.channels == 1 || images.channels == 3, "a grid shows grey or RGB images")
    let across = min(columns, images.count)
    let down = (images.count + columns - 1) / columns
    let width = padding + across * (images.width + padding)
    let height = padding + down * (images.height + padding)
    var pixels = [UInt8](repeating: background, count: 3 * width * height)
    let plane = images.height * images.width
    for index in 0..<images.count {
      let top = padding + index / columns * (images.height + padding)
      let left = padding + index % columns * (images.width + padding)
      let image = images.image(at: index)
      for channel in 0..<3 {
        let source = image.startIndex + (images.channels == 3 ? channel * plane : 0)
        for row in 0..<images.height {
          for column in 0..<images.width {
            pixels[3 * ((top + row) * width + left + column) + channel] = image[source + row * images.width + column]
          }
        }
      }
    }
    return PNGImage(width: width, height: height, channels: .rgb, pixels: pixels)
  }

  /// Bytes of values between -1 and 1, as generators with a hyperbolic tangent make them.
  ///
  /// - Parameter values: Any numbers; what is outside is clipped, and what is no number becomes black.
  /// - Returns: 0 for -1, 255 for 1.
  public static func bytes(fromSigned values: [Float]) -> [UInt8] {
    values.map { value in
      guard value == value else { return 0 }
      return UInt8((min(max(value, -1), 1) * 127.5 + 127.5).rounded())
    }
  }
}
