import Foundation

/// Reads of whole files, with errors that name them.
enum DataFile {
  /// The bytes of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - hint: What to do when the file is missing, as the end of a sentence.
  /// - Returns: All its bytes.
  /// - Throws: ``DataError/missingFile(path:hint:)``, ``DataError/unreadable(path:reason:)``.
  static func read(_ path: String, hint: String) throws(DataError) -> [UInt8] {
    guard FileManager.default.fileExists(atPath: path) else { throw .missingFile(path: path, hint: hint) }
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
  }

  /// The names in a folder.
  ///
  /// - Parameter path: The folder.
  /// - Returns: Its entries, sorted.
  /// - Throws: ``DataError/missingFile(path:hint:)``, ``DataError/unreadable(path:reason:)``.
  static func list(_ path: String) throws(DataError) -> [String] {
    guard FileManager.default.fileExists(atPath: path) else {
      throw .missingFile(path: path, hint: "name a folder that holds a data set")
    }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
  }

  /// A path inside a folder.
  static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }
}
