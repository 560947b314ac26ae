import Foundation

/// What was at the place of a run before it, so that a run that never made a step can leave nothing behind.
struct UnstartedRun {
  private let folder: RunFolder
  /// The names in the folder, nil where there was no folder.
  private let names: Set<String>?
  /// The topmost folder that the run has to make.
  private let missing: String

  init(_ folder: RunFolder) {
    self.folder = folder
    names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)).map { Set($0) }
    var missing = URL(fileURLWithPath: folder.path).standardizedFileURL
    while case let parent = missing.deletingLastPathComponent(), parent.path != missing.path,
      !FileManager.default.fileExists(atPath: parent.path)
    {
      missing = parent
    }
    self.missing = missing.path
  }

  /// Removes what has come since.
  func restore() {
    let files = FileManager.default
    guard let names else {
      // Something else than a folder may stand there, and is not the run's.
      if (try? files.contentsOfDirectory(atPath: missing)) != nil { try? files.removeItem(atPath: missing) }
      return
    }
    for name in (try? files.contentsOfDirectory(atPath: folder.path)) ?? [] where !names.contains(name) {
      try? files.removeItem(atPath: folder.path + "/" + name)
    }
  }
}
