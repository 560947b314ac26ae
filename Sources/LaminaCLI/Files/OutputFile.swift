import Experiments
import Foundation

/// Files that commands write.
enum OutputFile {
  /// Refuses to replace the file that a command reads.
  ///
  /// Files are compared, not names: a link to the input is the input.
  ///
  /// - Throws: A ``CommandFailure`` where both paths lead to one file.
  static func check(_ output: String, isNot input: String) throws {
    var (from, to) = (stat(), stat())
    guard stat(input, &from) == 0, stat(output, &to) == 0 else { return }
    if from.st_dev == to.st_dev, from.st_ino == to.st_ino {
      throw CommandFailure("\(output): is the file that is read; name another for the output")
    }
  }

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
