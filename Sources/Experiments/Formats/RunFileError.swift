import Foundation

/// Why a file of a run could not be read or written.
public enum RunFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file or folder does not exist; the hint says what it should have been.
  case missing(path: String, hint: String)
  /// A call to the system failed; `code` is its `errno`.
  case system(path: String, operation: String, code: Int32)
  /// A file does not hold what it should; lines count from 1.
  case malformed(path: String, line: Int?, reason: String)
  /// A file was written by a version that this one does not read.
  case unsupportedVersion(path: String, found: Int, supported: Int)

  public var description: String {
    switch self {
    case .missing(let path, let hint): "\(path): no such file; \(hint)"
    case .system(let path, let operation, let code):
      "\(path): cannot \(operation): \(String(cString: strerror(code)).lowercased())"
    case .malformed(let path, let line, let reason): "\(path)\(line.map { ", line \($0)" } ?? ""): \(reason)"
    case .unsupportedVersion(let path, let found, let supported):
      "\(path): written in format \(found), but this version reads format \(supported)"
    }
  }
}
