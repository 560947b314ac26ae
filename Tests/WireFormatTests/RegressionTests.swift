import Foundation
import Testing

/// The inputs in Regressions/, at each of which the fuzzer stopped once; Fuzz/README.md says how they were found.
@Suite struct RegressionTests {
  @Test("No input that ever stopped the fuzzer breaks a law")
  func regressions() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Regressions")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
    #expect(!names.isEmpty)
    for name in names.sorted() {
      let input = Array(try Data(contentsOf: folder.appending(path: name)))
      #expect(input.first.flatMap(DecoderLaw.init(rawValue:)) != nil, "\(name) names no law")
      #expect(throws: Never.self, "\(name)") { try DecoderLaw.check(input) }
    }
  }
}
