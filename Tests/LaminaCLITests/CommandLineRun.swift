import Foundation
import Testing

/// One run of the built command, seen from outside.
struct CommandLineRun {
  let status: Int32
  let output: String
  let errors: String

  /// Runs `lamina` with `arguments` and waits for its end.
  ///
  /// Its output goes to files, which no amount of it can fill up.
  init(_ arguments: String..., folder: TestFolder? = nil, environment: [String: String] = [:]) throws {
    try self.init(arguments, folder: folder, environment: environment)
  }

  init(_ arguments: [String], folder: TestFolder? = nil, environment: [String: String] = [:]) throws {
    let scratch = try TestFolder()
    let process = Process()
    process.executableURL = try Self.executable()
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = (folder ?? scratch).url
    let (out, err) = (scratch.path("stdout"), scratch.path("stderr"))
    for path in [out, err] { FileManager.default.createFile(atPath: path, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: out)
    process.standardError = FileHandle(forWritingAtPath: err)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "the command trapped: \(arguments)")
    status = process.terminationStatus
    output = try String(contentsOfFile: out, encoding: .utf8)
    errors = try String(contentsOfFile: err, encoding: .utf8)
  }

  /// The command beside the test bundle, in the folder of build products.
  private static func executable() throws -> URL {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    var candidates = [folder, Bundle.main.bundleURL]
    for _ in 0..<4 {
      folder.deleteLastPathComponent()
      candidates.append(folder)
    }
    let found = candidates.map { $0.appendingPathComponent("lamina") }.first { url in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && !isFolder.boolValue
    }
    return try #require(found, "the command lamina is not among the build products")
  }

  /// The output as a JSON object.
  func json() throws -> [String: Any] {
    #expect(status == 0, "\(errors)")
    return try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }

  /// Checks that the run failed as it should: with the code, one line on stderr, nothing on stdout.
  func expectFailure(_ code: Int32, mentioning words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(status == code, "\(errors)", sourceLocation: sourceLocation)
    #expect(output.isEmpty, sourceLocation: sourceLocation)
    #expect(errors.hasPrefix("lamina: "), "\(errors)", sourceLocation: sourceLocation)
    #expect(
      errors.filter { $0 == "\n" }.count == 1 && errors.hasSuffix("\n"), "\(errors)", sourceLocation: sourceLocation)
    for word in words { #expect(errors.contains(word), "\(errors)", sourceLocation: sourceLocation) }
  }
}

/// A folder for one test, removed with it.
final class TestFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("lamina-cli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// The names of everything in the folder.
  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }

  func write(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: url.appendingPathComponent(name)) }

  func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url.appendingPathComponent(name))) }

  /// Writes raw binary32 numbers, little endian.
  func write(_ values: [Float], _ name: String) throws {
    try write(values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }, name)
  }

  /// Reads raw binary32 numbers.
  func floats(_ name: String) throws -> [Float] {
    let bytes = try read(name)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
    }
  }
}
