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

  static let impossible: [[String]] = [
    ["--bits", "1"], ["--bits", "9"], ["--bits", "five"], ["--bits", "-5"], ["--workers", "0"], ["--workers", "-1"],
    ["--workers", "4097"], ["--workers", "two"], ["--steps", "0"], ["--steps", "-3"], ["--steps", "1.5"],
    ["--batch", "1"], ["--batch", "0"], ["--batch", "65537"], ["--threads", "0"], ["--seed", "-1"],
    ["--seed", "18446744073709551616"], ["--width", "0"], ["--width", "4097"], ["--evaluate-every", "0"],
    ["--checkpoint-every", "0"], ["--clip", "0"], ["--clip", "-1"], ["--clip", "nan"], ["--gradient-penalty", "-1"],
    ["--gradient-penalty", "nan"], ["--clip", "0.01", "--gradient-penalty", "10"], ["--network", "mlp"],
    ["--solver", "sgd"], ["--learning-rate", "fast"], ["--learning-rate", "1e-3,"], ["--learning-rate", ",1e-3"],
    ["--learning-rate", "1,2,3"], ["--learning-rate", "0"], ["--learning-rate", "-1e-3"],
    ["--learning-rate", "nan"], ["--learning-rate", ""], ["--learning-rate", "inf,1"],
    ["--solver", "qoda", "--scale", "0"], ["--solver", "qoda", "--leading-constant", "0"],
    ["--solver", "qoda", "--step-sizes", "constant"], ["--solver", "qoda", "--step-sizes", "constant:0"],
    ["--solver", "qoda", "--step-sizes", "armijo"], ["--solver", "qoda", "--learning-rate", "1e-3"],
    ["--step-sizes", "separated"], ["--scale", "0.5"], ["--solver", "adam", "--leading-constant", "10"],
    ["--solver", "qgenx", "--step-sizes", "adaptive"],
    ["--solver", "qoda", "--step-sizes", "constant:0.1", "--scale", "2"],
    ["--full-precision", "--bits", "5"], ["--full-precision", "--layer-wise"], ["--full-precision", "--code", "rans"],
    ["--global", "--layer-wise"], ["--adaptation", "magic"], ["--statistics", "none"], ["--weighting", "heavy"],
    ["--norm", "l0"], ["--norm", "l-1"], ["--bucket", "0"], ["--bucket", "16777217"], ["--bucket", "all"],
    ["--code", "zip"], ["--protocol", "http"], ["--update-interval", "0"], ["--non-finite", "ignore"],
    ["--resume"], ["--out"], ["--unknown"], ["surplus"],
  ]

  @Test("impossible settings are one line, exit non-zero, and leave no folder", arguments: impossible)
  func refused(arguments: [String]) throws {
    let folder = try folderWithImages()
    try expectRefused(["--data", folder.file("images"), "--out", folder.file("run")] + arguments, in: folder)
  }

  static let plans: [(text: String, says: String)] = [
    ("", "JSON"), ("{", "JSON"), ("[]", ""), ("5", ""), (#"{"bits": "five"}"#, "bits"), (#"{"bits": 1}"#, "2 to 8"),
    (#"{"bits": 9}"#, "2 to 8"), (#"{"bits": 5.5}"#, "bits"), (#"{"bit": 5}"#, "bit"),
    (#"{"typeBits": {"critic/input": 1}}"#, "critic/input"), (#"{"typeBits": {"critic/inputs": 4}}"#, "critic/inputs"),
    (#"{"typeBits": {"critic/input": "x"}}"#, "critic/input"), (#"{"typeBits": 4}"#, "typeBits"),
    (#"{"method": "magic"}"#, "method"), (#"{"grouping": "both"}"#, "grouping"), (#"{"coding": 7}"#, "coding"),
    (#"{"normExponent": 0.5}"#, "norm"), (#"{"bucket": -1}"#, "bucket"), (#"{"bucket": 99999999}"#, "bucket"),
    (#"{"schedule": {"early": [], "interval": 0, "window": 1}}"#, "interval"),
    (#"{"schedule": {"early": [], "interval": 10, "window": 0}}"#, "window"),
    (#"{"schedule": {"early": [], "interval": 10, "window": 18446744073709551615}}"#, "window"),
    (#"{"schedule": {"interval": 10}}"#, "schedule"), (#"{"fixedMultiplier": 0.5}"#, "fixed"),
    (#"{"method": "fixed", "fixedMultiplier": 1.5}"#, "between 0 and 1"),
    (#"{"method": "fixed", "fixedMultiplier": 0.001, "bits": 8}"#, "too small"),
  ]

  @Test("a plan file that cannot be is one line that says where", arguments: plans.indices)
  func planFile(index: Int) throws {
    let (text, part) = Self.plans[index]
    let folder = try folderWithImages()
    let plan = try folder.write(text, to: "plan.json")
    try expectRefused(
      ["--data", folder.file("images"), "--out", folder.file("run"), "--plan", plan], in: folder, says: part)
  }

  @Test("plan files that are missing, are folders, or stand beside --bits or --full-precision are refused")
  func planFlags() throws {
    let folder = try folderWithImages()
    let common = ["--data", folder.file("images"), "--out", folder.file("run"), "--plan"]
    try expectRefused(common + [folder.file("none.json")], in: folder, says: "none.json")
    try expectRefused(common + [folder.path], in: folder)
    let plan = try folder.write("{}", to: "plan.json")
    try expectRefused(common + [plan, "--bits", "4"], in: folder, says: "--plan")
    try expectRefused(common + [plan, "--full-precision"], in: folder, says: "--full-precision")
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
    for damaged in [bytes.dropLast(), bytes.prefix(3073), Data()] {
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
    for name in ["manifest.json", "records.jsonl", "checkpoint.safetensors"] {
      try FileManager.default.createDirectory(atPath: folder.file("old"), withIntermediateDirectories: true)
      try folder.write("{}", to: "old/" + name)
      try expectRefused(data + ["--out", folder.file("old")], in: folder, says: Torch.isAvailable ? "run" : "")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("old")) == [name])
      try FileManager.default.removeItem(atPath: folder.file("old"))
    }
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
    for flag in [["--bits", "4"], ["--out", "x"], ["--seed", "2"], ["--full-precision"], ["--learning-rate", "1"]] {
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
  }

  @Test("every method starts at every width", .enabled(if: Torch.isAvailable), arguments: 2...8)
  func widths(bits: Int) throws {
    let folder = try folderWithImages()
    for method in ["fixed", "alq", "alq-gd", "amq", "amq-zero", "optimal", "lloyd"] {
      let result = try LaminaProcess(
        tiny(folder, out: method) + ["--steps", "2", "--bits", "\(bits)", "--adaptation", method])
      #expect(result.status == 0, "\(method) at \(bits) bits: \(result.error)")
    }
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
    let result = running.finish()
    #expect(result.status == 1)
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
