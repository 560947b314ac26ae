import Foundation

/// A log of one JSON object a line, written as it happens.
///
/// A line is handed to the system whole and at once; what a killed run leaves behind is a prefix of its log, at worst
/// with a torn last line, which a resumed run removes.
public final class RecordLog: Sendable {
  private let file: OpenFile

  /// Begins a log, emptying a file of that name.
  ///
  /// - Parameter path: The file; its folder must exist.
  /// - Throws: ``RunFileError/system(path:operation:code:)``.
  public init(path: String) throws(RunFileError) { file = try OpenFile(path: path, flags: O_TRUNC | O_APPEND) }

  /// Goes on with a log after a step, as if nothing had been written since.
  ///
  /// Kept are the lines up to the last of the given step; the line that ended the run is removed whatever its step. A
  /// checkpoint of step n must therefore be taken after the records of step n were written.
  ///
  /// - Parameters:
  ///   - path: The file; a missing one is begun.
  ///   - step: The step of the checkpoint.
  /// - Throws: ``RunFileError``; `malformed` when a line before the cut is no record.
  public init(resuming path: String, after step: Int) throws(RunFileError) {
    let bytes =
      FileManager.default.fileExists(atPath: path) ? try WholeFile.read(path, hint: "a log was expected") : []
    let length = try Self.prefixLength(of: bytes, upTo: step, path: path)
    file = try OpenFile(path: path, flags: O_APPEND)
    try file.truncate(to: length)
  }

  /// Writes a record.
  ///
  /// - Parameter record: The record; its keys are sorted, its numbers as short as they read back exactly.
  /// - Throws: ``RunFileError``.
  public func append(_ record: some LogRecord) throws(RunFileError) {
    var line: [UInt8]
    do {
      line = try CanonicalJSON.encode(RecordLine(record: record))
    } catch {
      throw .malformed(path: file.path, line: nil, reason: "a record cannot be encoded: \(error)")
    }
    line.append(0x0A)
    try file.write(line)
  }

  /// The length of the lines of steps up to `step`.
  private static func prefixLength(of bytes: [UInt8], upTo step: Int, path: String) throws(RunFileError) -> Int {
    var start = 0
    var line = 0
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      line += 1
      let head: RecordHead
      do {
        head = try CanonicalJSON.decode(RecordHead.self, from: bytes[start..<end])
      } catch {
        throw .malformed(path: path, line: line, reason: CanonicalJSON.reason(error))
      }
      if head.step > step || head.kind == EndRecord.kind { break }
      start = end + 1
    }
    return start
  }
}
