import EntropyCoding
import NeuralNetworks

/// What identifies the images of a run.
public struct DataSetFacts: Codable, Hashable, Sendable {
  /// The name of the data set, honest about what it is.
  public var name: String
  /// Images.
  public var count: Int
  /// Channels of an image.
  public var channels: Int
  /// Rows of an image.
  public var height: Int
  /// Columns of an image.
  public var width: Int
  /// The CRC-32C of all pixels, as eight hexadecimal digits.
  public var checksum: String

  /// The facts of a data set.
  ///
  /// - Parameter dataset: The images.
  /// - Complexity: Linear in the pixels.
  public init(_ dataset: ImageDataset) {
    name = dataset.name
    count = dataset.count
    channels = dataset.channels
    height = dataset.height
    width = dataset.width
    let digits = String(CRC32C.checksum(dataset.pixels), radix: 16)
    checksum = String(repeating: "0", count: 8 - digits.count) + digits
  }
}
