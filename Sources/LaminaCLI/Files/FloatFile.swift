import Foundation

/// Files of raw binary32 numbers, little endian.
enum FloatFile {
  /// The most numbers in a file: what a frame can hold, 4 GiB.
  static let largestCount = (1 << 30) - 64

  /// Reads a file.
  ///
  /// - Throws: A ``CommandFailure`` if it is missing, empty, too large, or no whole number of binary32 numbers long.
  static func read(_ path: String) throws -> [Float] {
    let bytes = try InputFile.read(path, largestSize: 4 * largestCount)
    guard !bytes.isEmpty else { throw CommandFailure("\(path): the file is empty") }
    guard bytes.count.isMultiple(of: 4) else {
      throw CommandFailure("\(path): \(bytes.count) bytes are not a whole number of binary32 numbers")
    }
    return [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
      bytes.withUnsafeBytes { source in
        for i in buffer.indices {
          let pattern = source.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)
          buffer.initializeElement(at: i, to: Float(bitPattern: UInt32(littleEndian: pattern)))
        }
      }
      count = buffer.count
    }
  }
}

/// Files that commands read.
enum InputFile {
  /// All bytes of a file.
  ///
  /// - Throws: A ``CommandFailure`` with the reason of the system.
  static func read(_ path: String, largestSize: Int = .max) throws -> [UInt8] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CommandFailure("\(path): no such file")
    }
    guard !isFolder.boolValue else { throw CommandFailure("\(path): is a folder, not a file") }
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard size <= largestSize else { throw CommandFailure("\(path): more than \(largestSize) bytes") }
    guard let data = FileManager.default.contents(atPath: path) else { throw CommandFailure("\(path): cannot be read") }
    return [UInt8](data)
  }
}
