import Collectives
import Experiments
import Foundation
import NeuralNetworks
import Testing

@Suite("Reports")
struct ReportTests {
  private let link = LinkModel(latency: 0.001, bandwidth: 125e6)

  /// Two seeds at full precision, three at 5 bits, one with a name that HTML must escape.
  private func report(in folder: RunTestFolder, sample: ImageDataset? = nil) throws -> Report {
    var runs: [(String, SyntheticRun)] = (Int64(1)...2).map { ("full-seed\($0)", SyntheticRun(seed: $0)) }
    runs += (Int64(1)...3).map {
      let run = SyntheticRun(
        plan: "5 bits", isFullPrecision: false, seed: $0, bits: 5, encode: 0.006, decode: 0.004)
      return ("five-seed\($0)", run)
    }
    runs.append(("odd", SyntheticRun(plan: "a<b & \"c\"", isFullPrecision: false, bits: 4)))
    for (name, run) in runs { try run.write(to: folder.file(name), sample: sample) }
    let directories = runs.map { folder.file($0.0) }
    return try Report(
      directories: directories, link: link, command: ["lamina", "compare", "a b", "it's", "--html", "<x>.html"])
  }

  @Test("runs that differ in the seed are one arm; its figures are means with their spread")
  func arms() throws {
    let folder = try RunTestFolder()
    let report = try report(in: folder)
    #expect(report.arms.map(\.name) == ["full precision", "5 bits", "a<b & \"c\""])
    #expect(report.arms.map(\.runs.count) == [2, 3, 1])
    let figures = report.arms[1].figures[0]
    #expect(abs(figures.bitsPerCoordinate - 5) < 1e-12)
    #expect(abs(figures.trafficRatio - 32.03 / 5) < 1e-9)
    #expect(abs((figures.codingShare ?? 0) - 0.010 / 0.155) < 1e-9)
    #expect(abs((figures.busyCodingShare ?? 0) - 0.010 / 0.153) < 1e-9)
    let bytes = (5.0 * Double(SyntheticRun.dimension) / 8).rounded()
    #expect(abs(figures.modelledExchange - 3 * (0.001 + bytes / 125e6)) < 1e-12)
    #expect(abs((figures.modelledTotal ?? 0) - (0.155 - 0.002 + figures.modelledExchange)) < 1e-9)
    #expect(figures.peakMemory == 400_000_040)
    let losses = try RunRecords(path: folder.file("five-seed1/records.jsonl")).steps.suffix(4).map(\.lossGenerator)
    #expect(abs(figures.lossGenerator - losses.reduce(0, +) / 4) < 1e-12)
  }

  @Test("without a full-precision run traffic is compared with 32 bits a coordinate")
  func baseline() throws {
    let folder = try RunTestFolder()
    try SyntheticRun(plan: "q", isFullPrecision: false, bits: 8).write(to: folder.file("q"))
    let report = try Report(directories: [folder.file("q")], link: link, command: [])
    #expect(!report.isBaselineMeasured)
    #expect(abs(report.arms[0].figures[0].trafficRatio - 4) < 1e-12)
  }

  @Test("the text holds the numbers, the floor and the word modelled")
  func text() throws {
    let folder = try RunTestFolder()
    let text = try report(in: folder).text()
    #expect(try !report(in: RunTestFolder()).text(hasNotes: false).contains("all-gather"))
    for part in [
      "5 bits (3 seeds)", "5.000", "6.41×", "290 kB", "6.5 %", "without exchange", "with waiting", "(modelled)",
      "ms at 1 Gbit/s", "381 MiB",
    ] {
      #expect(text.contains(part), "\(part) is missing")
    }
    let floor = try #require(text.split(separator: "\n").first { $0.hasPrefix("other real images") })
    #expect(floor.contains("7.60") && floor.contains("0.370"))
    #expect(text.contains("all-gather") && !text.contains("  \n"))
  }

  @Test("the JSON holds every figure of every run and their spread")
  func json() throws {
    let folder = try RunTestFolder()
    let object = try JSONSerialization.jsonObject(with: Data(try report(in: folder).json())) as? [String: Any]
    let arms = try #require(object?["arms"] as? [[String: Any]])
    let runs = try #require(arms[1]["runs"] as? [[String: Any]])
    #expect(runs.count == 3 && runs[2]["seed"] as? Int == 3)
    #expect((runs[0]["figures"] as? [String: Any])?["bitsPerCoordinate"] as? Double == 5)
    let summary = try #require(arms[1]["summary"] as? [String: [String: Any]])
    #expect(summary["pixelFrechet"]?["runs"] as? Int == 3)
    #expect((summary["pixelFrechet"]?["deviation"] as? Double ?? 0) > 0)
    #expect(object?["modelled"] as? [String] == ["modelledExchange", "modelledTotal"])
  }

  @Test("the page is self-contained, escaped, and begins with the command that made it")
  func html() throws {
    let folder = try RunTestFolder()
    let pixels = (0..<2 * 3072).map { UInt8(truncatingIfNeeded: $0) }
    let sample = ImageDataset(name: "n", channels: 3, height: 32, width: 32, pixels: pixels)
    let html = try report(in: folder, sample: sample).html()
    let lines = html.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "<!doctype html>")
    #expect(lines[1] == #"<!-- made by: lamina compare 'a b' 'it'\''s' --html '<x›.html' -->"#)
    for foreign in ["http:", "https:", "<script", "@import", "url(", "a<b", " nan", "inf,"] {
      #expect(!html.contains(foreign), "\(foreign) should not be in the page")
    }
    #expect(html.contains("a&lt;b &amp; &quot;c&quot;"))
    // Two distances, two losses, bits, errors; four types of levels for each of two quantized arms.
    #expect(html.components(separatedBy: "<svg ").count - 1 == 6 + 2 * 4)
    #expect(html.contains("<h1>Lamina: full precision, 5 bits, a&lt;b &amp; &quot;c&quot;</h1>"))
    #expect(html.contains("or exact coordinates") && html.contains("now at step 40"))
    let headers = try #require(html.range(of: "<tr><td>frame headers"))
    let types = try #require(html.range(of: "<tr><td>generator.linear"))
    #expect(types.lowerBound < headers.lowerBound)
    #expect(!html.contains("<small></small></figcaption>\n<svg"))
    #expect(html.contains("<em>modelled</em>") && html.contains("other real images"))
    guard PNGImage.isAvailable else { return }
    let grid = try Data(contentsOf: URL(fileURLWithPath: RunFolder(folder.file("odd")).sample(step: 40)))
    #expect(html.contains("data:image/png;base64,\(grid.base64EncodedString())"))
  }

  @Test("runs that diverged to any number make a report")
  func diverged() throws {
    let folder = try RunTestFolder()
    try SyntheticRun(plan: "q", isFullPrecision: false, steps: 4).write(to: folder.file("q"))
    let log = try RecordLog(resuming: folder.file("q/records.jsonl"), after: 4)
    let odd: [Double] = [.nan, .infinity, -1e308, 1e308, 1e-308, 0]
    for (index, value) in odd.enumerated() {
      try log.append(
        StepRecord(
          step: 5 + index, lossGenerator: value, lossCritic: value, bytes: value, bitsPerCoordinate: value,
          normalizedError: value))
      try log.append(EvaluationRecord(step: 5 + index, pixelFrechet: value, featureFrechet: value))
      try log.append(LevelsRecord(step: 5 + index, epoch: 9, levels: ["x": [value]]))
    }
    let report = try Report(directories: [folder.file("q")], link: link, command: ["lamina"])
    #expect(report.text().contains("nan"))
    #expect(try !report.json().isEmpty)
    #expect(try report.html().contains("</html>"))
  }

  @Test("a folder that is no run, and a run without steps, are named")
  func refused() throws {
    let folder = try RunTestFolder()
    #expect(
      throws: RunFileError.missing(
        path: folder.file("manifest.json"),
        hint: "the manifest of a run was expected; is this the folder of a run?")
    ) { try Report(directories: [folder.path], link: link, command: []) }
    try SyntheticRun().write(to: folder.file("a"))
    try folder.write("", to: "a/records.jsonl")
    #expect(
      throws: RunFileError.malformed(
        path: folder.file("a/records.jsonl"), line: nil, reason: "the run has no step yet")
    ) { try Report(directories: [folder.file("a")], link: link, command: []) }
  }

  @Test("Runs of unequal steps, of one seed, or without an end are noted")
  func warnings() throws {
    let folder = try RunTestFolder()
    try SyntheticRun(steps: 40).write(to: folder.file("full"))
    try SyntheticRun(plan: "q", isFullPrecision: false, steps: 80, bits: 5).write(to: folder.file("a"))
    try SyntheticRun(plan: "q", isFullPrecision: false, steps: 80, bits: 5).write(to: folder.file("b"))
    let fair = try Report(directories: [folder.file("a")], link: link, command: []).notes
    let report = try Report(
      directories: ["full", "a", "b"].map(folder.file), link: link, command: [])
    #expect(report.text().contains("q (2 runs)"))
    let notes = report.notes.filter { !fair.contains($0) }.joined(separator: "\n")
    #expect(notes.contains("different numbers of steps: full precision 40, q 80."))
    #expect(notes.contains("q: several runs have the same seed"))

    // A log that was cut off: figures and times end at its last whole line.
    let lines = try folder.text("a/records.jsonl").split(separator: "\n", omittingEmptySubsequences: false)
    try folder.write(lines.prefix(20).joined(separator: "\n") + "\n", to: "a/records.jsonl")
    let cut = try Report(directories: [folder.file("a")], link: link, command: [])
    let steps = cut.arms[0].runs[0].records.steps.count
    #expect(steps > 0 && steps < 20)
    #expect(cut.arms[0].runs[0].timings.count == steps)
    #expect(cut.notes.last == "\(folder.file("a")) has not ended: \(steps) of 80 steps are recorded.")
  }

  @Test("A run that is named twice, also through a link, is refused")
  func twice() throws {
    let folder = try RunTestFolder()
    try SyntheticRun().write(to: folder.file("a"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("b"), withDestinationPath: folder.file("a"))
    for other in ["a", "a/", "b"] {
      let error = #expect(throws: RunFileError.self) {
        try Report(directories: [folder.file("a"), folder.file(other)], link: link, command: [])
      }
      #expect(error?.description.hasSuffix("named twice") == true)
    }
  }

  @Test("Curves of runs of different lengths are means of equally many steps")
  func smoothing() throws {
    let points = (1...100).map { (x: Double($0), y: 2 * Double($0)) }
    let groups = PlotSeries.grouped(points, size: 32)
    #expect(groups.map(\.x) == [16.5, 48.5, 80.5, 98.5])
    #expect(groups.map(\.y) == [33, 97, 161, 197])
    #expect(PlotSeries.grouped(points, size: 1).allSatisfy { $0.band == nil })
  }

  @Test("Few evaluations have a tick each, and negative numbers a minus sign")
  func ticks() throws {
    var plot = SVGPlot(
      xLabel: "step", yLabel: "y",
      series: [PlotSeries(label: "a", colour: 1, points: [.init(x: 250, y: -2), .init(x: 700, y: 2)])])
    plot.xTickPlaces = [250, 700]
    #expect(plot.svg().contains(">250</text>") && plot.svg().contains(">700</text>"))
    #expect(SVGPlot.tickLabel(-2) == "−2")
    #expect(!SVGPlot.tickLabel(-2e-7).contains("-7") && SVGPlot.tickLabel(-2e-7).hasPrefix("−2·"))
  }
}
