import LaminaNumerics

/// Images of one size, with or without labels, in memory.
///
/// Pixels are bytes in the order image, channel, row, column (NCHW), all images side by side, as the binary files of
/// CIFAR hold them.
public struct ImageDataset: Hashable, Sendable {
  /// What the images are, for reports: "CIFAR-10", "MNIST".
  public let name: String
  /// Images.
  public let count: Int
  /// Channels of an image, 1 (grey) or 3 (RGB).
  public let channels: Int
  /// Rows of an image.
  public let height: Int
  /// Columns of an image.
  public let width: Int
  /// `count * channels * height * width` bytes in NCHW order; 0 is black, 255 is white.
  public let pixels: [UInt8]
  /// One class per image, if there are classes.
  public let labels: [UInt8]?

  /// Images given by their bytes.
  ///
  /// - Parameters:
  ///   - name: What the images are, for reports.
  ///   - channels: Channels of an image, at least 1.
  ///   - height: Rows of an image, at least 1.
  ///   - width: Columns of an image, at least 1.
  ///   - pixels: Whole images in NCHW order.
  ///   - labels: One class per image, or nil.
  public init(name: String, channels: Int, height: Int, width: Int, pixels: [UInt8], labels: [UInt8]? = nil) {
    precondition(channels > 0 && height > 0 && width > 0, "an image has at least one pixel")
    let size = channels * height * width
    precondition(pixels.count % size == 0, "the pixels must be whole images")
    precondition(labels.map { $0.count == pixels.count / size } ?? true, "there is one label per image")
    self.name = name
    self.count = pixels.count / size
    self.channels = channels
    self.height = height
    self.width = width
    self.pixels = pixels
    self.labels = labels
  }

  /// Bytes of one image.
  public var imageSize: Int { channels * height * width }

  /// The bytes of image `index`, without a copy.
  public func image(at index: Int) -> ArraySlice<UInt8> {
    precondition(index >= 0 && index < count, "the index must be below the number of images")
    return pixels[index * imageSize..<(index + 1) * imageSize]
  }

  /// The images at `indices`, in that order.
  public func selecting(_ indices: [Int]) -> ImageDataset {
    var chosen: [UInt8] = []
    chosen.reserveCapacity(indices.count * imageSize)
    for index in indices { chosen.append(contentsOf: image(at: index)) }
    let classes = labels.map { labels in indices.map { labels[$0] } }
    return ImageDataset(
      name: name, channels: channels, height: height, width: width, pixels: chosen, labels: classes)
  }
}
