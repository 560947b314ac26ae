/// The IDX files of MNIST (LeCun, Cortes, Burges) and of the sets that copy its layout.
///
/// An image file is the magic 0x00000803, the number of images, rows and columns as big-endian 32-bit numbers, then the
/// pixels; a label file is 0x00000801, the number of labels, then the labels.
public enum MNIST {
  static let imageMagic: UInt32 = 0x803
  static let labelMagic: UInt32 = 0x801

  /// Reads the images and labels of a folder.
  ///
  /// - Parameters:
  ///   - folder: Holds `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or the `t10k-` files of the test part;
  ///     the names with a point before `idx` are found too.
  ///   - part: The training or the test images.
  ///   - padded: Whether to centre the 28 by 28 pixels in 32 by 32.
  /// - Returns: Grey images, white digits on black.
  /// - Throws: ``DataError``.
  public static func load(
    folder: String, part: DatasetPart = .training, padded: Bool = true
  ) throws(DataError) -> ImageDataset {
    let prefix = part == .training ? "train" : "t10k"
    let imagePath = try path(in: folder, stem: "\(prefix)-images", suffix: "idx3-ubyte")
    let labelPath = try path(in: folder, stem: "\(prefix)-labels", suffix: "idx1-ubyte")
    let images = try IDXFile(path: imagePath, magic: imageMagic, dimensions: 3)
    let labels = try IDXFile(path: labelPath, magic: labelMagic, dimensions: 1)
    guard images.sizes[0] == labels.sizes[0] else {
      throw .countMismatch(
        images: imagePath, imageCount: images.sizes[0], labels: labelPath, labelCount: labels.sizes[0])
    }
    let (height, width) = (images.sizes[1], images.sizes[2])
    let dataset = ImageDataset(
      name: "MNIST", channels: 1, height: height, width: width, pixels: Array(images.values),
      labels: Array(labels.values))
    return padded && height <= 32 && width <= 32 ? dataset.padded(height: 32, width: 32) : dataset
  }

  /// The file of a part under either spelling of its name.
  private static func path(in folder: String, stem: String, suffix: String) throws(DataError) -> String {
    let names = try DataFile.list(folder)
    let spellings = ["\(stem)-\(suffix)", "\(stem).\(suffix)"]
    if let name = spellings.first(where: names.contains) { return DataFile.join(folder, name) }
    if let packed = spellings.map({ $0 + ".gz" }).first(where: names.contains) {
      throw .compressed(path: DataFile.join(folder, packed))
    }
    throw .missingFile(path: DataFile.join(folder, spellings[0]), hint: "both the images and the labels are needed")
  }
}

/// A file of unsigned bytes in the IDX format.
private struct IDXFile {
  let sizes: [Int]
  let values: ArraySlice<UInt8>

  init(path: String, magic: UInt32, dimensions: Int) throws(DataError) {
    let bytes = try DataFile.read(path, hint: "unpack the files of MNIST there")
    if bytes.starts(with: [0x1F, 0x8B]) { throw .compressed(path: path) }
    let header = 4 * (1 + dimensions)
    guard bytes.count >= header else { throw .truncated(path: path, expected: header, found: bytes.count) }
    let words = (0...dimensions).map { word in
      bytes[4 * word..<4 * word + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    guard words[0] == magic else {
      throw .wrongMagic(path: path, expected: "an IDX file of magic \(magic)", found: "magic \(words[0])")
    }
    sizes = words.dropFirst().map { Int($0) }
    let (volume, overflow) = sizes.reduce((1, false)) { partial, size in
      let (product, overflow) = partial.0.multipliedReportingOverflow(by: size)
      return (product, partial.1 || overflow)
    }
    guard !overflow, volume > 0, volume < 1 << 48 else {
      throw .wrongSize(path: path, expected: "sizes between 1 and 2^48 items in all", found: bytes.count)
    }
    let body = bytes.count - header
    guard body >= volume else { throw .truncated(path: path, expected: header + volume, found: bytes.count) }
    guard body == volume else {
      throw .wrongSize(path: path, expected: "\(header + volume) bytes, as its header says", found: bytes.count)
    }
    values = bytes[header...]
  }
}
