import LaminaNumerics
import Testing

@Suite("lamina bench distortion")
struct BenchDistortionTests {
  @Test("A law: rows of every quantizer in order, and a plot")
  func law() throws {
    let folder = try TestFolder()
    let run = try CommandLineRun(
      "bench", "distortion", "--source", "laplace", "--count", "4096", "--bits", "2,4", "--json", "--plot", "x.svg",
      folder: folder)
    let tables = try #require(try run.json()["tables"] as? [[String: Any]])
    let rows = try #require(tables.first?["rows"] as? [[String: Any]])
    #expect(rows.count > 30)
    for row in rows {
      let bits = try #require(row["bits"] as? Double)
      let error = try #require(row["normalizedError"] as? Double)
      #expect(bits > 0 && error > 0)
      #expect(row["shannonBound"] is Double)
    }
    let plot = String(decoding: try folder.read("x.svg"), as: UTF8.self)
    #expect(plot.hasPrefix("<svg xmlns=") && plot.contains("dithered and coded"))
  }

  @Test("A file with layers: biases travel exactly, and the list of layers may be a file")
  func file() throws {
    let folder = try TestFolder()
    var stream = RandomStream(key: RandomKey(seed: 1))
    try folder.write((0..<2048).map { _ in Float(stream.nextNormal()) }, "g.f32")
    let list = "a.weight:2000:player/convolution,a.bias:48:player/bias"
    try folder.write(Array((list + "\n").utf8), "layers.txt")
    let arguments = ["bench", "distortion", "--file", "g.f32", "--bits", "4", "--only", "qsgd-max,eden"]
    let given = try CommandLineRun(arguments + ["--layers", list], folder: folder)
    let read = try CommandLineRun(arguments + ["--layers-file", "layers.txt"], folder: folder)
    #expect(given.status == 0 && given.output == read.output, "\(given.errors)")
    #expect(given.output.hasPrefix("g: 2,048 coordinates\n"))
    let whole = try CommandLineRun(arguments, folder: folder)
    #expect(whole.status == 0 && whole.output != given.output)
  }

  @Test("Impossible requests are refused in one line")
  func refusals() throws {
    let folder = try TestFolder()
    try folder.write([Float(1), .nan], "nan.f32")
    try folder.write([Float(0), 0], "zero.f32")
    let command = ["bench", "distortion"]
    try CommandLineRun(command + ["--source", "cauchy"]).expectFailure(64, mentioning: "cauchy")
    try CommandLineRun(command + ["--bits", "17"]).expectFailure(64, mentioning: "--bits")
    try CommandLineRun(command + ["--only", "best"]).expectFailure(64, mentioning: "best")
    try CommandLineRun(command + ["--layers", "a.weight:2"]).expectFailure(64, mentioning: "--file")
    try CommandLineRun(command + ["--file", "nan.f32"], folder: folder).expectFailure(1, mentioning: "finite")
    try CommandLineRun(command + ["--file", "zero.f32"], folder: folder).expectFailure(1, mentioning: "0")
  }
}
