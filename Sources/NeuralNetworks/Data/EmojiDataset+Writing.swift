import Foundation

extension EmojiDataset {
  /// Prepares the images and writes them to a new folder.
  ///
  /// The folder appears whole or not at all: everything is written to a temporary folder beside it, which is then
  /// renamed.
  ///
  /// - Parameters:
  ///   - folder: The folder to make; it must not exist, or be empty.
  ///   - progress: Called after each image with the images done and the images in all.
  /// - Returns: What was found and written.
  /// - Throws: ``DataError``.
  @discardableResult
  public func write(
    to folder: String, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(DataError) -> Counts {
    let files = FileManager.default
    if files.fileExists(atPath: folder), (try? files.contentsOfDirectory(atPath: folder).isEmpty) != true {
      throw .destinationExists(path: folder)
    }
    let (dataset, counts) = try images(progress: progress)
    let target = URL(fileURLWithPath: folder).standardizedFileURL
    let temporary = target.deletingLastPathComponent()
      .appendingPathComponent(".\(target.lastPathComponent).\(UUID().uuidString)")
    do {
      defer { try? files.removeItem(at: temporary) }
      try files.createDirectory(at: temporary, withIntermediateDirectories: true)
      try Self.writeBatches(of: dataset, to: temporary)
      try Self.put(Array("emoji\n".utf8), temporary, "batches.meta.txt")
      try Self.put(Array(notice(counts).utf8), temporary, "NOTICE")
      if files.fileExists(atPath: target.path) { try files.removeItem(at: target) }
      try files.moveItem(at: temporary, to: target)
    } catch {
      throw .notWritable(path: folder, reason: error.localizedDescription)
    }
    return counts
  }

  private static func writeBatches(of dataset: ImageDataset, to folder: URL) throws {
    for (number, start) in stride(from: 0, to: dataset.count, by: imagesPerFile).enumerated() {
      var records: [UInt8] = []
      for index in start..<min(start + imagesPerFile, dataset.count) {
        records.append(dataset.labels?[index] ?? 0)
        records.append(contentsOf: dataset.image(at: index))
      }
      try put(records, folder, "data_batch_\(number + 1).bin")
    }
  }

  /// Writes a file and waits until the disk has it, so that a folder that was renamed is a folder that is whole.
  private static func put(_ bytes: [UInt8], _ folder: URL, _ name: String) throws {
    let path = folder.appendingPathComponent(name)
    try Data().write(to: path)
    let handle = try FileHandle(forWritingTo: path)
    defer { try? handle.close() }
    try handle.write(contentsOf: Data(bytes))
    try handle.synchronize()
  }

  private func notice(_ counts: Counts) -> String {
    """
    \(Self.name)

    \(counts.written) pictures of the font \(URL(fileURLWithPath: font).lastPathComponent), composed on white, scaled to
    32 by 32 pixels by area averaging and shuffled, in the binary layout of CIFAR-10: one label byte, always 0, then the
    red, green and blue planes. They are not CIFAR-10 and have no classes.

    Noto Color Emoji is copyright Google Inc. and licensed under the SIL Open Font License 1.1 (OFL-1.1,
    https://openfontlicense.org); so are these images. With another font, that font's licence applies.

    Found \(counts.embedded) embedded images, \(counts.distinct) distinct, \(counts.unreadable) unreadable.

    """
  }
}
