import EntropyCoding
import Foundation
import Testing
import WireFormat

/// The frames in Golden/, which pin the format: another version of the package, and another language, must read the
/// valid ones to the same bits and refuse the invalid ones for the same reason.
///
/// With LAMINA_WRITE_GOLDEN=1 in the environment the files are written instead of compared.
@Suite struct GoldenFrameTests {
  private let valid: [GoldenCase]
  private let spoiled: [SpoiledCase]
  private let plans: [SpoiledPlan]
  private let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  init() throws {
    valid = try GoldenCase.all()
    spoiled = try SpoiledCase.all(valid)
    plans = try SpoiledPlan.all()
  }

  @Test("Fact 10: frames are made byte for byte as in Golden/valid, and decode to the quantizer's own output")
  func validFrames() throws {
    for golden in valid {
      let made = try golden.made()
      try expectFile("valid/\(golden.name).plan", golden.plan.encoded())
      try expectFile("valid/\(golden.name).frame", made.bytes)
      let values = made.decoded.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      }
      try expectFile("valid/\(golden.name).f32", values)
      let workshop = FrameWorkshop(try QuantizationPlan(decoding: golden.plan.encoded()[...]))
      let decoded = try workshop.decode(
        made.bytes, step: golden.step, rank: Int(golden.rank), workers: golden.workers)
      #expect(patterns(decoded) == patterns(made.decoded), "\(golden.name)")
    }
  }

  @Test("Every frame in Golden/invalid is refused with the error of its name")
  func invalidFrames() throws {
    for frame in spoiled {
      let golden = try #require(valid.first { $0.name == frame.base })
      try expectFile("invalid/\(frame.name).frame", frame.bytes)
      let error = #expect(throws: WireFormatError.self, "\(frame.name)") {
        _ = try golden.decoded(frame.bytes)
      }
      #expect(error.map(name(of:)) == frame.error, "\(frame.name): \(error?.description ?? "")")
    }
  }

  @Test("Every plan in Golden/invalid is refused with the error of its name")
  func invalidPlans() throws {
    for plan in plans {
      try expectFile("invalid/\(plan.name).plan", plan.bytes)
      let error = #expect(throws: WireFormatError.self, "\(plan.name)") {
        try QuantizationPlan(decoding: plan.bytes[...])
      }
      #expect(error.map(name(of:)) == plan.error, "\(plan.name): \(error?.description ?? "")")
    }
  }

  @Test("The manifest lists every golden file")
  func manifest() throws {
    let lines = [
      "  \"valid\": [\n"
        + list(valid.map(Self.entry)),
      "  \"invalid\": [\n"
        + list(spoiled.map { "{\"name\": \"\($0.name)\", \"base\": \"\($0.base)\", \"error\": \"\($0.error)\"}" }),
      "  \"invalidPlans\": [\n" + list(plans.map { "{\"name\": \"\($0.name)\", \"error\": \"\($0.error)\"}" }),
    ]
    try expectFile("manifest.json", Array("{\n\(lines.joined(separator: "\n  ],\n"))\n  ]\n}\n".utf8))
    #expect(Set(valid.map(\.name)).count == valid.count)
    #expect(Set(spoiled.map(\.name)).count == spoiled.count)
    for (part, count) in [("valid", 3 * valid.count), ("invalid", spoiled.count + plans.count)] {
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: part).path)
      #expect(files.count == count, "\(part) has files that no test makes")
    }
  }

  /// What a reader needs to know; of a sum also the number of workers.
  private static func entry(_ golden: GoldenCase) -> String {
    "{\"name\": \"\(golden.name)\", \"kind\": \(golden.kind.rawValue), \"step\": \(golden.step), \"rank\": \(golden.rank)"
      + (golden.workers.map { ", \"workers\": \($0)" } ?? "") + "}"
  }

  private func list(_ entries: [String]) -> String { entries.map { "    " + $0 }.joined(separator: ",\n") }

  private func expectFile(_ path: String, _ bytes: [UInt8]) throws {
    let file = folder.appending(path: path)
    if ProcessInfo.processInfo.environment["LAMINA_WRITE_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    } else {
      let found = try Data(contentsOf: file)
      #expect(found == Data(bytes), "\(path) differs; see Documentation/WireFormat.md, section Versions")
    }
  }
}
