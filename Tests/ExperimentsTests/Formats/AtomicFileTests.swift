import Experiments
import Foundation
import Testing

@Suite("Atomic files")
struct AtomicFileTests {
  @Test("a file is replaced whole and nothing else is left")
  func replace() throws {
    let folder = try RunTestFolder()
    let path = folder.file("a")
    try AtomicFile.write([1, 2, 3], to: path)
    try AtomicFile.write([9], to: path)
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == [9])
    #expect(try folder.names == ["a"])
  }

  @Test(
    "a full disk leaves the previous file as it was", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() throws {
    let folder = try RunTestFolder()
    let path = try folder.write("previous", to: "checkpoint")
    #expect(throws: RunFileError.system(path: "/dev/full", operation: "write", code: ENOSPC)) {
      try AtomicFile.write([1, 2, 3], to: path) { _ throws(RunFileError) in
        try OpenFile(path: "/dev/full", flags: 0)
      }
    }
    #expect(try folder.text("checkpoint") == "previous")
    #expect(try folder.names == ["checkpoint"])
  }

  @Test("a folder that is missing is named")
  func missingFolder() throws {
    let folder = try RunTestFolder()
    let path = folder.file("none/file")
    #expect(throws: RunFileError.system(path: path + ".partial", operation: "open", code: ENOENT)) {
      try AtomicFile.write([1], to: path)
    }
  }
}
