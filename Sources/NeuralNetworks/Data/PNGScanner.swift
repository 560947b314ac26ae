/// Finds the PNG images embedded in a larger file, such as a colour font.
///
/// The tables of the font are not read: a PNG image announces itself by its signature, and the lengths of its chunks
/// lead to its end. Works for every container that stores the images as they are (CBDT, sbix, resource files).
enum PNGScanner {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private static let end: [UInt8] = [0x49, 0x45, 0x4E, 0x44]

  /// The places of all complete images, in the order of the file.
  ///
  /// - Parameter bytes: Any bytes; what is not a chain of chunks from signature to `IEND` is passed over.
  /// - Returns: Disjoint ranges, each one PNG file.
  /// - Complexity: Linear in the number of bytes.
  static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
    bytes.withUnsafeBufferPointer { buffer in
      var found: [Range<Int>] = []
      var start = 0
      while start + signature.count <= buffer.count {
        if buffer[start] == signature[0], matches(buffer, signature, at: start),
          let stop = endOfChunks(buffer, from: start + signature.count)
        {
          found.append(start..<stop)
          start = stop
        } else {
          start += 1
        }
      }
      return found
    }
  }

  /// Follows length, type, data and checksum from chunk to chunk until `IEND` is behind.
  private static func endOfChunks(_ buffer: UnsafeBufferPointer<UInt8>, from first: Int) -> Int? {
    var chunk = first
    while chunk + 12 <= buffer.count {
      let length = (0..<4).reduce(0) { $0 << 8 | Int(buffer[chunk + $1]) }
      guard length <= buffer.count - chunk - 12 else { return nil }
      let next = chunk + 12 + length
      if matches(buffer, end, at: chunk + 4) { return next }
      chunk = next
    }
    return nil
  }

  private static func matches(_ buffer: UnsafeBufferPointer<UInt8>, _ pattern: [UInt8], at start: Int) -> Bool {
    start + pattern.count <= buffer.count && pattern.indices.allSatisfy { buffer[start + $0] == pattern[$0] }
  }
}
