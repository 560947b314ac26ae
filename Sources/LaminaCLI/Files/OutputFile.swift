import Experiments
import Foundation

/// Files that commands write.
enum OutputFile {
  /// Writes a file whole or not at all.
  ///
  /// An interruption from the keyboard waits until the file is there, so that no partial one is left behind.
  ///
  /// - Throws: A ``CommandFailure`` where something other than a file stands in the way, or a `RunFileError`.
  static func write(_ bytes: [UInt8], to path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw CommandFailure("\(path): exists and is not a file")
    }
    var signals = sigset_t()
    var previous = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    try AtomicFile.write(bytes, to: path)
  }
}
