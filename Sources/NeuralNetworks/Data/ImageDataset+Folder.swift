extension ImageDataset {
  /// Reads the data set of a folder, recognised by the files in it.
  ///
  /// `data_batch_*.bin` is the binary layout of CIFAR-10, `train.bin` that of CIFAR-100 (fine labels), and
  /// `train-images-idx3-ubyte` that of MNIST, padded to 32 by 32.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - part: The training or the test images.
  /// - Throws: ``DataError``.
  public init(folder: String, part: DatasetPart = .training) throws(DataError) {
    let names = try DataFile.list(folder)
    if names.contains(where: { $0.hasPrefix("data_batch_") && $0.hasSuffix(".bin") }) {
      self = try CIFAR.loadCIFAR10(folder: folder, part: part)
    } else if names.contains("train.bin") {
      self = try CIFAR.loadCIFAR100(folder: folder, part: part)
    } else if names.contains(where: { $0.hasPrefix("train-images") || $0.hasPrefix("t10k-images") }) {
      self = try MNIST.load(folder: folder, part: part)
    } else if let archive = names.first(where: { $0.hasSuffix(".tar.gz") }) {
      throw .compressed(path: DataFile.join(folder, archive))
    } else {
      throw .unrecognisedFolder(path: folder, found: names)
    }
  }
}
