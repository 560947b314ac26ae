import Foundation

/// The command `lamina` of this build, run as users run it.
struct LaminaProcess {
  let status: Int32
  let output: String
  let error: String

  /// The executable, which lies beside the tests.
  static let path: String = {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("lamina").path
  }()

  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// Lines on stderr.
  var errorLines: [Substring] { error.split(separator: "\n", omittingEmptySubsequences: false).dropLast() }

  /// Runs the command to its end.
  init(_ arguments: [String]) throws {
    let running = try LaminaProcess.start(arguments)
    self = running.finish()
  }

  private init(status: Int32, output: String, error: String) {
    self.status = status
    self.output = output
    self.error = error
  }

  /// A command that runs.
  struct Running {
    let process: Process
    fileprivate let output: FileHandle
    fileprivate let error: FileHandle

    /// Waits for its end.
    func finish() -> LaminaProcess {
      let output = try? self.output.readToEnd()
      let error = try? self.error.readToEnd()
      process.waitUntilExit()
      return LaminaProcess(
        status: process.terminationStatus, output: String(decoding: output ?? Data(), as: UTF8.self),
        error: String(decoding: error ?? Data(), as: UTF8.self))
    }
  }

  static func start(_ arguments: [String]) throws -> Running {
    let process = Process()
    let (output, error) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = error
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return Running(process: process, output: output.fileHandleForReading, error: error.fileHandleForReading)
  }
}
