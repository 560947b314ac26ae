/// Why a data set could not be read or prepared.
///
/// Every case names the file or folder at fault, what was expected there and what was found.
public enum DataError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file that the data set needs does not exist.
  case missingFile(path: String, hint: String)
  /// A file exists and cannot be read; the reason is the system's.
  case unreadable(path: String, reason: String)
  /// A file has another size than its format asks for.
  case wrongSize(path: String, expected: String, found: Int)
  /// A file ends before the data that its header announces.
  case truncated(path: String, expected: Int, found: Int)
  /// A file does not begin as its format does.
  case wrongMagic(path: String, expected: String, found: String)
  /// A label is outside the classes of the data set.
  case wrongLabel(path: String, index: Int, expected: String, found: Int)
  /// A file is compressed and must be unpacked first.
  case compressed(path: String)
  /// Two files of one data set disagree on the number of images.
  case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)
  /// A folder holds no data set that is known here.
  case unrecognisedFolder(path: String, found: [String])
  /// The emoji font is not installed.
  case missingFont(path: String, package: String)
  /// A font embeds no PNG image that can be decoded.
  case noImages(path: String, embedded: Int)
  /// The folder to be written exists already.
  case destinationExists(path: String)
  /// A folder or file could not be written; the reason is the system's.
  case notWritable(path: String, reason: String)
  /// The image library failed.
  case image(PNGError)

  public var description: String {
    switch self {
    case .missingFile(let path, let hint): "\(path): no such file; \(hint)"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .wrongSize(let path, let expected, let found): "\(path): expected \(expected), found \(found) bytes"
    case .truncated(let path, let expected, let found):
      "\(path): truncated: its header announces \(expected) bytes, found \(found)"
    case .wrongMagic(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
    case .wrongLabel(let path, let index, let expected, let found):
      "\(path): image \(index) has label \(found), expected \(expected)"
    case .compressed(let path):
      "\(path): is compressed; unpack it first (\(path.hasSuffix(".tar.gz") ? "tar -xzf" : "gunzip") \(path))"
    case .countMismatch(let images, let imageCount, let labels, let labelCount):
      "\(images) holds \(imageCount) images but \(labels) holds \(labelCount) labels"
    case .unrecognisedFolder(let path, let found):
      "\(path): no known data set; expected data_batch_*.bin (CIFAR-10), train.bin (CIFAR-100) or "
        + "train-images-idx3-ubyte (MNIST), found \(DataError.summary(of: found))"
    case .missingFont(let path, let package):
      "\(path): no such font; install it with `apt-get install \(package)` or name another font"
    case .noImages(let path, let embedded):
      embedded == 0
        ? "\(path): embeds no PNG image; a colour bitmap font (CBDT) is needed"
        : "\(path): none of its \(embedded) embedded PNG images can be decoded"
    case .destinationExists(let path): "\(path): exists already; remove it or name another folder"
    case .notWritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .image(let error): error.description
    }
  }

  private static func summary(of names: [String]) -> String {
    if names.isEmpty { return "an empty folder" }
    let shown = names.sorted().prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }
}
