import Foundation

/// Writes of whole files that happen or do not.
public enum AtomicFile {
  /// Replaces the contents of a file, or creates it.
  ///
  /// The bytes go to `PATH.partial` beside it, to the disk, and only then under the name of the file. A full disk or a
  /// loss of power at any moment leaves the previous file as it was. One writer at a time per path.
  ///
  /// - Parameters:
  ///   - bytes: The new contents.
  ///   - path: The file; its folder must exist.
  /// - Throws: ``RunFileError/system(path:operation:code:)``; then no partial file is left.
  public static func write(_ bytes: [UInt8], to path: String) throws(RunFileError) {
    try write(bytes, to: path) { temporary throws(RunFileError) in try OpenFile(path: temporary, flags: O_TRUNC) }
  }

  /// The same with a choice of what is opened as the temporary file, so that tests can fill a disk.
  package static func write(
    _ bytes: [UInt8], to path: String, opening: (String) throws(RunFileError) -> OpenFile
  ) throws(RunFileError) {
    let temporary = path + ".partial"
    do throws(RunFileError) {
      let file = try opening(temporary)
      try file.write(bytes)
      try file.synchronize()
      guard rename(temporary, path) == 0 else { throw .system(path: path, operation: "replace", code: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
    synchronizeFolder(of: path)
  }

  /// Makes the new name durable; a file system that cannot is not an error, for the file itself is whole.
  private static func synchronizeFolder(of path: String) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
