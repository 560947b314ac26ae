import Foundation

/// A file open for writing, closed with its last reference.
///
/// Nothing is buffered: what `write` has returned from, the system has. The descriptor never changes, so the value may
/// be shared; a single `write` at the end of a file is not torn apart by another.
package final class OpenFile: Sendable {
  /// Named in errors.
  let path: String
  private let descriptor: Int32

  /// Opens a file, creating it where it is missing.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - flags: What `open` takes beside write-only and create: `O_TRUNC`, `O_APPEND`, `O_EXCL`.
  /// - Throws: ``RunFileError/system(path:operation:code:)``.
  package init(path: String, flags: Int32) throws(RunFileError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o644)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
  }

  deinit { close(descriptor) }

  /// Writes all of `bytes`.
  func write(_ bytes: [UInt8]) throws(RunFileError) {
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        Foundation.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw .system(path: path, operation: "write", code: errno)
      }
      offset += written
    }
  }

  /// Cuts the file to its first `length` bytes.
  func truncate(to length: Int) throws(RunFileError) {
    guard ftruncate(descriptor, off_t(length)) == 0 else {
      throw .system(path: path, operation: "truncate", code: errno)
    }
  }

  /// Waits until the disk has the bytes.
  func synchronize() throws(RunFileError) {
    // Devices and pipes cannot be synchronized and say so with EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .system(path: path, operation: "synchronize", code: errno)
    }
  }
}
