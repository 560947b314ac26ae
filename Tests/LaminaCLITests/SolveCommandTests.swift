import Testing

@Suite("lamina solve", .serialized)
struct SolveCommandTests {
  private static let keys = ["bitsPerCoordinate", "gap", "messagesPerWorkerPerStep", "slope", "solution"]

  private func solve(_ arguments: String...) throws -> [String: Any] {
    try CommandLineRun(["solve"] + arguments + ["--json"]).json()
  }

  @Test("Twenty thousand steps of four workers end within five seconds, with slope -1")
  func bilinear() throws {
    // Other work on the machine can slow down one run, hardly three.
    var fastest = Duration.seconds(60)
    var json: [String: Any] = [:]
    for _ in 0..<3 where fastest >= .seconds(5) {
      let start = ContinuousClock.now
      json = try solve("bilinear", "--dimension", "20", "--workers", "4", "--steps", "20000")
      fastest = min(fastest, ContinuousClock.now - start)
    }
    #expect(fastest < .seconds(5))
    #expect(json.keys.sorted() == Self.keys)
    #expect(abs(try #require(json["slope"] as? Double) + 1) < 0.1)
    #expect(json["messagesPerWorkerPerStep"] as? Double == 1)
    #expect(json["bitsPerCoordinate"] as? Double == 32)
    #expect((json["solution"] as? [Double])?.count == 20)
    #expect(try #require(json["gap"] as? Double) < 1e-3)
  }

  /// 17 magnitudes and a sign in fields of 6 bits, and a norm of 32 bits over 20 coordinates.
  @Test("Bits per coordinate count symbols and norms; Q-GenX sends two messages of the same size")
  func bits() throws {
    let quantized = ["bilinear", "--workers", "2", "--steps", "200", "--quantizer", "uniform:17"]
    let qoda = try CommandLineRun(["solve", "--json"] + quantized).json()
    #expect(qoda["bitsPerCoordinate"] as? Double == 6 + 32.0 / 20)
    let qgenx = try CommandLineRun(["solve", "--json", "--solver", "qgenx"] + quantized).json()
    #expect(qgenx["messagesPerWorkerPerStep"] as? Double == 2)
    #expect(qgenx["bitsPerCoordinate"] as? Double == 6 + 32.0 / 20)
  }

  @Test("Retries change no result, and say how often they were needed")
  func retries() throws {
    let arguments = ["solve", "bilinear", "--workers", "3", "--steps", "50", "--quantizer", "alq:6", "--json"]
    let plain = try CommandLineRun(arguments).json()
    let reliable = try CommandLineRun(arguments + ["--retries", "2"]).json()
    for key in Self.keys { #expect("\(plain[key] ?? "")" == "\(reliable[key] ?? "")") }
    #expect(plain["resentMessages"] == nil && reliable["resentMessages"] as? Int == 0)
    try CommandLineRun(arguments + ["--retries", "-1"]).expectFailure(64, mentioning: "--retries")
  }

  @Test("Fact 14: the golden trajectory, to 1e-6")
  func trajectory() throws {
    let json = try solve("rotation", "--workers", "1", "--steps", "5", "--trajectory")
    #expect(json.keys.sorted() == (Self.keys + ["lookaheads", "trajectory"]).sorted())
    let iterates = try #require(json["trajectory"] as? [[Double]])
    let lookaheads = try #require(json["lookaheads"] as? [[Double]])
    #expect(iterates.count == 5 && lookaheads.count == 5)
    for (found, expected) in zip(
      iterates[4] + lookaheads[4], [-0.3741917027, 0.1139334951, -0.5106526967, -0.0459272571])
    {
      #expect(abs(found - expected) < 1e-6)
    }
  }

  @Test(
    "Every problem is solved: its gap falls",
    arguments: [
      "bilinear", "rotation", "quadratic", "robust-least-squares", "heterogeneous-affine", "dirac",
      "rock-paper-scissors", "policeman-burglar", "kelly", "covariance",
    ])
  func problems(name: String) throws {
    let json = try solve(name, "--workers", "2", "--steps", "2000")
    #expect(try #require(json["slope"] as? Double) < -0.8)
    #expect(try #require(json["gap"] as? Double) < 0.02)
  }

  @Test("A repeated command prints the same, and adapted levels and both protocols run")
  func repeatable() throws {
    let arguments = [
      "solve", "bilinear", "--workers", "3", "--steps", "300", "--quantizer", "alq:6", "--noise", "relative:0.5",
      "--layers", "a:8:first,b:12:second", "--protocol", "alternating", "--code", "huffman", "--json",
    ]
    let first = try CommandLineRun(arguments)
    #expect(first.status == 0, "\(first.errors)")
    #expect(try CommandLineRun(arguments).output == first.output)
  }

  @Test("Divergence is a result: exit code 0, valid JSON, and a note on stderr")
  func divergence() throws {
    let run = try CommandLineRun("solve", "bilinear", "--solver", "gda", "--steps", "20000", "--json")
    #expect(try #require(run.json()["gap"] as? Double) > 1e3)
    #expect(run.errors.contains("diverged"))
  }

  @Test("Impossible values and combinations of flags are usage errors")
  func usage() throws {
    try CommandLineRun("solve").expectFailure(64, mentioning: "<problem>", "lamina solve --help")
    try CommandLineRun("solve", "chess").expectFailure(64, mentioning: "chess")
    try CommandLineRun("solve", "bilinear", "--dimension", "3").expectFailure(64, mentioning: "dimension 3")
    try CommandLineRun("solve", "bilinear", "--dimension", "-2").expectFailure(64)
    try CommandLineRun("solve", "bilinear", "--workers", "0").expectFailure(64, mentioning: "--workers")
    try CommandLineRun("solve", "bilinear", "--steps", "0").expectFailure(64, mentioning: "--steps")
    try CommandLineRun("solve", "bilinear", "--noise", "relative:-1").expectFailure(64, mentioning: "-1")
    try CommandLineRun("solve", "bilinear", "--noise", "batch:3").expectFailure(64, mentioning: "covariance")
    try CommandLineRun("solve", "bilinear", "--quantizer", "uniform:1").expectFailure(64, mentioning: "uniform")
    try CommandLineRun("solve", "bilinear", "--quantizer", "exponential:2,3").expectFailure(64, mentioning: "0 and 1")
    try CommandLineRun("solve", "bilinear", "--quantizer", "levels:0,0.5,0.4,1")
      .expectFailure(64, mentioning: "increase")
    try CommandLineRun("solve", "bilinear", "--quantizer", "alq:3", "--adaptation", "amq").expectFailure(64)
    try CommandLineRun("solve", "bilinear", "--quantizer", "uniform:5", "--adaptation", "amq").expectFailure(64)
    try CommandLineRun("solve", "bilinear", "--code", "huffman").expectFailure(64, mentioning: "--quantizer")
    try CommandLineRun("solve", "bilinear", "--step-sizes", "constant:x").expectFailure(64, mentioning: "'x'")
    try CommandLineRun("solve", "bilinear", "--solver", "qgenx", "--step-sizes", "separated").expectFailure(64)
    try CommandLineRun("solve", "bilinear", "--step-scale", "0").expectFailure(64, mentioning: "--step-scale")
    try CommandLineRun("solve", "bilinear", "--trajectory").expectFailure(64, mentioning: "--json")
    try CommandLineRun("solve", "bilinear", "--layers", "a:3:first").expectFailure(1, mentioning: "20")
    try CommandLineRun("solve", "bilinear", "--layers", "mystery:20").expectFailure(1, mentioning: "mystery")
  }
}
