import Foundation

/// Reads of whole files.
enum WholeFile {
  /// The bytes of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - hint: What the file should have been, for the error, as the end of a sentence.
  /// - Returns: All its bytes.
  /// - Throws: ``RunFileError/missing(path:hint:)`` or ``RunFileError/system(path:operation:code:)``.
  static func read(_ path: String, hint: String) throws(RunFileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? .missing(path: path, hint: hint) : .system(path: path, operation: "open", code: errno)
    }
    defer { close(descriptor) }
    var status = stat()
    let expected = fstat(descriptor, &status) == 0 ? max(0, Int(status.st_size)) : 0
    var bytes: [UInt8] = []
    bytes.reserveCapacity(expected)
    let chunk = 1 << 20
    while true {
      var received = 0
      let piece = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        received = Foundation.read(descriptor, buffer.baseAddress, chunk)
        count = max(0, received)
      }
      if received < 0 {
        if errno == EINTR { continue }
        throw .system(path: path, operation: "read", code: errno)
      }
      if received == 0 { return bytes }
      bytes.append(contentsOf: piece)
    }
  }
}
