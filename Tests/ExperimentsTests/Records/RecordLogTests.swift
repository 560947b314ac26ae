import Experiments
import Foundation
import NeuralNetworks
import Testing

@Suite("Records of a run")
struct RecordLogTests {
  private let step = StepRecord(
    step: 1, lossGenerator: 0.1, lossCritic: -2, bytes: 290_000, bitsPerCoordinate: 5.03, normalizedError: 1e-3,
    traffic: ["g/linear": .init(norms: 32, symbols: 1, overhead: 0.5)])

  @Test("a record is one line with sorted keys, short numbers and its kind")
  func line() throws {
    let folder = try RunTestFolder()
    let log = try RecordLog(path: folder.file("r"))
    try log.append(step)
    try log.append(EvaluationRecord(step: 1, pixelFrechet: .nan, featureFrechet: .infinity))
    try log.append(TimingRecord(step: 1, compute: 1, encode: 0, exchange: 0, decode: 0, solver: 0, total: 1.5))
    #expect(
      try folder.text("r") == """
        {"bitsPerCoordinate":5.03,"bytes":290000,"kind":"step","lossCritic":-2,"lossGenerator":0.1,\
        "normalizedError":0.001,"step":1,"traffic":{"g/linear":{"norms":32,"overhead":0.5,"symbols":1}}}
        {"featureFrechet":"inf","kind":"evaluation","pixelFrechet":"nan","step":1}
        {"compute":1,"decode":0,"encode":0,"exchange":0,"solver":0,"step":1,"total":1.5}

        """)
  }

  @Test("a resumed log keeps the lines up to its step, without the end and a torn line")
  func resume() throws {
    let folder = try RunTestFolder()
    let path = folder.file("r")
    let log = try RecordLog(path: path)
    for step in 1...4 { try log.append(EvaluationRecord(step: step, pixelFrechet: 1, featureFrechet: 2)) }
    try log.append(EndRecord(step: 4, outcome: "reachedStepLimit"))
    let whole = try folder.text("r")
    let lines = whole.split(separator: "\n").map(String.init)

    try folder.write(whole + "{\"torn", to: "r")
    let resumed = try RecordLog(resuming: path, after: 4)
    #expect(try folder.text("r") == lines[..<4].joined(separator: "\n") + "\n")
    try resumed.append(EndRecord(step: 4, outcome: "reachedStepLimit"))
    #expect(try folder.text("r") == whole)
    _ = try RecordLog(resuming: path, after: 2)
    #expect(try folder.text("r") == lines[..<2].joined(separator: "\n") + "\n")
    _ = try RecordLog(resuming: path, after: 0)
    #expect(try folder.text("r") == "")
    _ = try RecordLog(resuming: folder.file("new"), after: 3)
    #expect(try folder.text("new") == "")
  }

  @Test("a line that is no record is named and nothing is cut")
  func malformed() throws {
    let folder = try RunTestFolder()
    let text = "{\"kind\":\"evaluation\",\"step\":1}\nnonsense\n"
    let path = try folder.write(text, to: "r")
    #expect(throws: RunFileError.malformed(path: path, line: 2, reason: "not valid JSON")) {
      try RecordLog(resuming: path, after: 5)
    }
    #expect(try folder.text("r") == text)
    #expect(
      throws: RunFileError.malformed(path: path, line: 1, reason: "the key \"pixelFrechet\" is missing")
    ) { try RunRecords(path: path) }
  }

  @Test("levels that were recorded before there were dithered steps are read")
  func olderLevels() throws {
    let folder = try RunTestFolder()
    let line = #"{"epoch":1,"expectedVariance":{},"kind":"levels","levels":{"a":[0,1]},"step":2}"#
    let path = try folder.write(line + "\n", to: "r")
    #expect(try RunRecords(path: path).levels == [LevelsRecord(step: 2, epoch: 1, levels: ["a": [0, 1]])])
  }

  @Test("records return by kind, unknown kinds and keys are passed over")
  func read() throws {
    let folder = try RunTestFolder()
    let path = folder.file("r")
    let log = try RecordLog(path: path)
    let levels = LevelsRecord(step: 1, epoch: 1, levels: ["a": [0, 0.5, 1]], steps: ["b": 0.1])
    try log.append(FloorRecord(pixelFrechet: 7.6, featureFrechet: 0.37))
    try log.append(step)
    try log.append(levels)
    try folder.write(
      try folder.text("r") + #"{"kind":"weather","step":1,"sun":true}"# + "\n"
        + #"{"kind":"end","step":1,"outcome":"diverged","later":[1]}"# + "\n", to: "r")
    let records = try RunRecords(path: path)
    #expect(records.steps == [step] && records.levels == [levels])
    #expect(records.floor?.pixelFrechet == 7.6 && records.end?.outcome == "diverged")
  }

  @Test("equal manifests give equal bytes; another version and damage are named")
  func manifest() throws {
    let folder = try RunTestFolder()
    try SyntheticRun().write(to: folder.file("a"))
    try SyntheticRun().write(to: folder.file("b"))
    for name in ["manifest.json", "records.jsonl", "timings.jsonl"] {
      #expect(try folder.text("a/\(name)") == folder.text("b/\(name)"))
    }
    let path = folder.file("a/manifest.json")
    let manifest = try Manifest(path: path)
    #expect(manifest.workers == 4 && manifest.parameters.count == 4 && manifest.dataSet.name == "Noto emoji 32x32")
    let text = try folder.text("a/manifest.json")
    try folder.write(
      text.replacingOccurrences(of: "\"formatVersion\" : 1", with: "\"formatVersion\" : 7"), to: "a/manifest.json")
    #expect(throws: RunFileError.unsupportedVersion(path: path, found: 7, supported: 1)) { try Manifest(path: path) }
    try folder.write(text.replacingOccurrences(of: "\"workers\" : 4", with: "\"workers\" : -4"), to: "a/manifest.json")
    #expect(throws: RunFileError.self) { try Manifest(path: path) }
    #expect(throws: RunFileError.self) { try Manifest(path: folder.file("none")) }
  }

  @Test("the facts of a data set hold the checksum of its pixels")
  func facts() {
    let digits = ImageDataset(name: "digits", channels: 1, height: 1, width: 1, pixels: Array("123456789".utf8))
    #expect(DataSetFacts(digits).checksum == "e3069283")
    #expect(DataSetFacts(digits).count == 9)
  }
}

@Suite("Sample grids")
struct SampleGridTests {
  @Test("images stand row by row between paddings")
  func places() {
    let images = ImageDataset(
      name: "n", channels: 3, height: 1, width: 2,
      pixels: [1, 2, 3, 4, 5, 6] + [11, 12, 13, 14, 15, 16] + [21, 22, 23, 24, 25, 26])
    let grid = SampleGrid(columns: 2, padding: 1, background: 9).image(of: images)
    #expect(grid.width == 7 && grid.height == 5)
    func pixel(_ x: Int, _ y: Int) -> [UInt8] { Array(grid.pixels[3 * (7 * y + x)..<3 * (7 * y + x) + 3]) }
    #expect(pixel(1, 1) == [1, 3, 5] && pixel(2, 1) == [2, 4, 6])
    #expect(pixel(4, 1) == [11, 13, 15] && pixel(1, 3) == [21, 23, 25])
    #expect(pixel(0, 0) == [9, 9, 9] && pixel(3, 1) == [9, 9, 9] && pixel(4, 3) == [9, 9, 9])
  }

  @Test("grey images become RGB and few images make a narrow grid")
  func grey() {
    let image = ImageDataset(name: "n", channels: 1, height: 1, width: 1, pixels: [77])
    let grid = SampleGrid(columns: 8, padding: 0).image(of: image)
    #expect(grid.pixels == [77, 77, 77])
  }

  @Test("values between -1 and 1 become bytes, others are clipped")
  func signed() {
    #expect(SampleGrid.bytes(fromSigned: [-1, 1, 0, -3, 9, .nan, .infinity]) == [0, 255, 128, 0, 255, 0, 255])
  }
}
