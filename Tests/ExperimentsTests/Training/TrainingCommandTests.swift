import Experiments
import Foundation
import NeuralNetworks
import Testing

@Suite("lamina train wgan", .enabled(if: LaminaProcess.isBuilt))
struct TrainingCommandTests {
  /// A folder with `images`, 24 pictures in the layout of CIFAR-10.
  private func folderWithImages() throws -> RunTestFolder {
    let folder = try RunTestFolder()
    try FileManager.default.createDirectory(atPath: folder.file("images"), withIntermediateDirectories: true)
    var bytes: [UInt8] = []
    for index in 0..<24 { bytes += [0] + TinyTraining.images.image(at: index) }
    try Data(bytes).write(to: URL(fileURLWithPath: folder.file("images/data_batch_1.bin")))
    return folder
  }

  /// Fails unless the command said one line, on stderr, and left nothing in the folder.
  private func expectRefused(_ arguments: [String], in folder: RunTestFolder, says part: String = "") throws {
    let before = try folder.names
    let result = try LaminaProcess(["train", "wgan"] + arguments)
    #expect(result.status != 0, "\(arguments)")
    #expect(result.output == "", "\(arguments)")
    #expect(result.errorLines.count == 1 && result.error.hasPrefix("lamina: "), "\(arguments): \(result.error)")
    #expect(part.isEmpty || result.error.contains(part), "\(arguments): \(result.error)")
    #expect(try folder.names == before, "\(arguments)")
  }

  // What the spec alone refuses is tested there; here are the kinds of flags, and their combinations.
  // What the spec alone refuses is tested there; here are the kinds of flags, and their combinations. Every case loads
  // LibTorch, half a second.
  static let impossible: [[String]] = [
    ["--bits", "9"], ["--bits", "five"], ["--workers", "0"], ["--threads", "0"], ["--seed", "-1"],
    ["--clip", "0.01", "--gradient-penalty", "10"], ["--solver", "sgd"], ["--learning-rate", "fast"],
    ["--learning-rate", "1e-3,"], ["--solver", "qoda", "--step-sizes", "constant:0"],
    ["--solver", "qoda", "--learning-rate", "1e-3"], ["--step-sizes", "separated"],
    ["--solver", "qoda", "--step-sizes", "constant:0.1", "--scale", "2"], ["--full-precision", "--bits", "5"],
    ["--global", "--layer-wise"], ["--bucket", "0"], ["--update-interval", "0"], ["surplus"],
  ]

  @Test("impossible settings are one line, exit non-zero, and leave no folder", arguments: impossible)
  func refused(arguments: [String]) throws {
    let folder = try folderWithImages()
    try expectRefused(["--data", folder.file("images"), "--out", folder.file("run")] + arguments, in: folder)
  }

  static let plans = [
    ("{", "plan.json: the plan is not valid JSON"), ("[]", "plan.json: the plan is not a JSON object"),
    (#"{"bits": 5.5}"#, "plan.json: 'bits': expected a whole number"),
    (#"{"typeBits": {"critic/inputs": 4}}"#, "'critic/inputs'; the network has"),
  ]

  @Test("a plan file that cannot be is one line that says where", arguments: plans)
  func planFile(text: String, part: String) throws {
    let folder = try folderWithImages()
    let plan = try folder.write(text, to: "plan.json")
    try expectRefused(
      ["--data", folder.file("images"), "--out", folder.file("run"), "--plan", plan], in: folder, says: part)
  }

  @Test("plan files that are missing, are folders, or stand beside --bits are refused")
  func planFlags() throws {
    let folder = try folderWithImages()
    let common = ["--data", folder.file("images"), "--out", folder.file("run"), "--plan"]
    try expectRefused(common + [folder.file("none.json")], in: folder, says: "none.json")
    try expectRefused(common + [folder.path], in: folder)
    let plan = try folder.write("{}", to: "plan.json")
    try expectRefused(common + [plan, "--bits", "4"], in: folder, says: "--plan")
  }

  @Test("data that is missing, empty, truncated or of a wrong kind is named")
  func data() throws {
    let folder = try folderWithImages()
    let out = ["--out", folder.file("run")]
    try expectRefused(out, in: folder, says: "--data")
    try expectRefused(out + ["--data", ""], in: folder, says: "--data")
    try expectRefused(out + ["--data", folder.file("none")], in: folder, says: "none")
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    try expectRefused(out + ["--data", folder.file("empty")], in: folder, says: "empty")
    let file = folder.file("images/data_batch_1.bin")
    try expectRefused(out + ["--data", file], in: folder)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    for damaged in [bytes.dropLast(), bytes.prefix(3073)] {
      try damaged.write(to: URL(fileURLWithPath: file))
      try expectRefused(out + ["--data", folder.file("images")], in: folder)
    }
  }

  @Test("folders that cannot be written to, or hold a run, are refused")
  func out() throws {
    let folder = try folderWithImages()
    let data = ["--data", folder.file("images")]
    try expectRefused(data, in: folder, says: "--out")
    try expectRefused(data + ["--out", ""], in: folder, says: "--out")
    let file = try folder.write("text", to: "file")
    try FileManager.default.createDirectory(atPath: folder.file("old"), withIntermediateDirectories: true)
    try folder.write("{}", to: "old/records.jsonl")
    try expectRefused(data + ["--out", folder.file("old")], in: folder, says: Torch.isAvailable ? "--resume" : "")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("old")) == ["records.jsonl"])
    try expectRefused(data + ["--out", file], in: folder)
    try expectRefused(data + ["--out", file + "/run"], in: folder)
    #expect(try folder.text("file") == "text")
  }

  @Test("resuming needs a run, and takes no setting that would change it")
  func resume() throws {
    let folder = try folderWithImages()
    try expectRefused(["--resume", folder.file("none")], in: folder, says: "none")
    try expectRefused(["--resume", folder.path], in: folder, says: "manifest.json")
    try expectRefused(["--resume", ""], in: folder, says: "--resume")
    for flag in [["--bits", "4"], ["--out", "x"], ["--full-precision"]] {
      try expectRefused(["--resume", folder.path] + flag, in: folder, says: flag[0])
    }
  }

  /// Settings of a run that takes a second.
  private func tiny(_ folder: RunTestFolder, out: String = "run") -> [String] {
    [
      "train", "wgan", "--data", folder.file("images"), "--out", folder.file(out), "--width", "2", "--batch", "4",
      "--workers", "2", "--threads", "2",
    ]
  }

  @Test("a run, its table and its JSON", .enabled(if: Torch.isAvailable))
  func run() throws {
    let folder = try folderWithImages()
    let result = try LaminaProcess(tiny(folder) + ["--steps", "3"])
    #expect(result.status == 0 && result.error == "", "\(result.error)")
    #expect(result.output.contains("bits"))
    #expect(try RunRecords(path: folder.file("run/records.jsonl")).end?.outcome == "completed")
    let resumed = try LaminaProcess(["train", "wgan", "--resume", folder.file("run"), "--steps", "4", "--json"])
    #expect(resumed.status == 0, "\(resumed.error)")
    #expect((try JSONSerialization.jsonObject(with: Data(resumed.output.utf8))) is [String: Any])
    try expectRefused(["--resume", folder.file("run"), "--steps", "2"], in: folder, says: "4")
    try expectRefused(["--resume", folder.file("run"), "--workers", "0"], in: folder, says: "0")
    let resized = try LaminaProcess(
      ["train", "wgan", "--resume", folder.file("run"), "--workers", "3", "--retries", "1", "--steps", "5"])
    #expect(resized.status == 0, "\(resized.error)")
    #expect(resized.output.contains("with 3 workers in place of 2 after step 4"))
    #expect(try Manifest(path: folder.file("run/manifest.json")).workers == 3)
  }

  @Test("a run that diverges says so in one line", .enabled(if: Torch.isAvailable), arguments: ["send", "stop"])
  func diverging(policy: String) throws {
    let folder = try folderWithImages()
    let result = try LaminaProcess(
      tiny(folder) + ["--steps", "20", "--learning-rate", "1e30", "--non-finite", policy])
    #expect(result.status == 1)
    #expect(result.errorLines.count == 1 && result.error.hasPrefix("lamina: "), "\(result.error)")
    #expect(result.error.contains("finite"))
  }

  @Test("interrupted: the run stops at a checkpoint from which it goes on", .enabled(if: Torch.isAvailable))
  func interrupted() throws {
    let folder = try folderWithImages()
    let steps = ["--steps", "100000", "--evaluate-every", "100000"]
    let running = try LaminaProcess.start(tiny(folder) + steps)
    let log = folder.file("run/timings.jsonl")
    let deadline = Date(timeIntervalSinceNow: 60)
    while (try? Data(contentsOf: URL(fileURLWithPath: log)))?.isEmpty ?? true, Date() < deadline {
      Thread.sleep(forTimeInterval: 0.02)
    }
    running.process.interrupt()
    let watchdog = Task {
      try await Task.sleep(for: .seconds(60))
      kill(running.process.processIdentifier, SIGKILL)
    }
    let result = running.finish()
    watchdog.cancel()
    #expect(result.status == 130)
    #expect(result.errorLines.count == 1 && result.error.hasPrefix("lamina: "), "\(result.error)")
    #expect(result.error.contains("--resume"))
    let records = try RunRecords(path: folder.file("run/records.jsonl"))
    let checkpoint = try TinyTraining.checkpoint(folder.file("run"))
    #expect(checkpoint.step == records.steps.count)
    let resumed = try LaminaProcess(
      ["train", "wgan", "--resume", folder.file("run"), "--steps", "\(checkpoint.step + 1)"])
    #expect(resumed.status == 0, "\(resumed.error)")
  }
}
