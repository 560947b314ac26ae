/// The binary layout of CIFAR-10 and CIFAR-100 (Krizhevsky, 2009).
///
/// A record is one label (CIFAR-10) or a coarse and a fine label (CIFAR-100), then 3,072 bytes: 32 by 32 pixels, the
/// red plane, the green plane, the blue plane. A file is a sequence of records with no header.
public enum CIFAR {
  /// Rows and columns of an image.
  public static let side = 32
  static let imageSize = 3 * side * side

  /// Which of the two labels of CIFAR-100 to keep.
  public enum Labels: String, Hashable, Sendable, CaseIterable {
    /// One of 20 superclasses.
    case coarse
    /// One of 100 classes.
    case fine
  }

  /// Reads a folder of `data_batch_*.bin` files, or `test_batch.bin`.
  ///
  /// The number of records per file is free, so that other images can travel in this layout; the first line of a file
  /// `NOTICE` in the folder, where there is one, names them.
  ///
  /// - Parameters:
  ///   - folder: The folder of the binary version.
  ///   - part: The five training batches or the test batch.
  /// - Returns: All images of the part, in the order of the batch numbers.
  /// - Throws: ``DataError``.
  public static func loadCIFAR10(folder: String, part: DatasetPart = .training) throws(DataError) -> ImageDataset {
    let names = try batchNames(in: folder, part: part)
    guard !names.isEmpty else {
      let missing = part == .training ? "data_batch_1.bin" : "test_batch.bin"
      throw .missingFile(path: DataFile.join(folder, missing), hint: "use the binary version of CIFAR-10")
    }
    var records = RecordReader(labelBytes: 1, keptLabel: 0, classes: 10)
    for name in names { try records.read(DataFile.join(folder, name)) }
    return records.dataset(named: try name(of: folder))
  }

  /// Reads `train.bin` or `test.bin` of the binary version of CIFAR-100.
  ///
  /// - Parameters:
  ///   - folder: The folder of the binary version.
  ///   - part: The training or the test images.
  ///   - labels: The labels to keep.
  /// - Returns: All images of the part.
  /// - Throws: ``DataError``.
  public static func loadCIFAR100(
    folder: String, part: DatasetPart = .training, labels: Labels = .fine
  ) throws(DataError) -> ImageDataset {
    let classes = labels == .coarse ? 20 : 100
    var records = RecordReader(labelBytes: 2, keptLabel: labels == .coarse ? 0 : 1, classes: classes)
    try records.read(DataFile.join(folder, part == .training ? "train.bin" : "test.bin"))
    return records.dataset(named: "CIFAR-100")
  }

  /// The training batches of a folder by their number, or its test batch.
  static func batchNames(in folder: String, part: DatasetPart) throws(DataError) -> [String] {
    let names = try DataFile.list(folder)
    if part == .test { return names.filter { $0 == "test_batch.bin" } }
    let numbered = names.compactMap { name -> (number: Int, name: String)? in
      guard name.hasPrefix("data_batch_"), name.hasSuffix(".bin") else { return nil }
      return Int(name.dropFirst("data_batch_".count).dropLast(".bin".count)).map { ($0, name) }
    }
    return numbered.sorted { $0.number < $1.number }.map(\.name)
  }

  private static func name(of folder: String) throws(DataError) -> String {
    guard try DataFile.list(folder).contains("NOTICE") else { return "CIFAR-10" }
    let notice = try DataFile.read(DataFile.join(folder, "NOTICE"), hint: "")
    let line = String(decoding: notice.prefix(200).prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    return line.isEmpty ? "images in the layout of CIFAR-10" : line
  }
}

/// Collects the records of one or more files.
private struct RecordReader {
  let labelBytes: Int
  let keptLabel: Int
  let classes: Int
  private var pixels: [UInt8] = []
  private var labels: [UInt8] = []

  init(labelBytes: Int, keptLabel: Int, classes: Int) {
    self.labelBytes = labelBytes
    self.keptLabel = keptLabel
    self.classes = classes
  }

  mutating func read(_ path: String) throws(DataError) {
    let bytes = try DataFile.read(path, hint: "use the binary version of the data set")
    let size = labelBytes + CIFAR.imageSize
    guard !bytes.isEmpty, bytes.count % size == 0 else {
      throw .wrongSize(path: path, expected: "a positive multiple of \(size) bytes", found: bytes.count)
    }
    pixels.reserveCapacity(pixels.count + bytes.count / size * CIFAR.imageSize)
    for start in stride(from: 0, to: bytes.count, by: size) {
      let label = bytes[start + keptLabel]
      guard label < classes else {
        throw .wrongLabel(
          path: path, index: start / size, expected: "a class below \(classes)", found: Int(label))
      }
      labels.append(label)
      pixels.append(contentsOf: bytes[start + labelBytes..<start + size])
    }
  }

  func dataset(named name: String) -> ImageDataset {
    ImageDataset(
      name: name, channels: 3, height: CIFAR.side, width: CIFAR.side, pixels: pixels, labels: labels)
  }
}
