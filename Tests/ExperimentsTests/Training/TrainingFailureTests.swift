import Experiments
import Foundation
import GradientExchange
import NeuralNetworks
import Testing

@Suite("Training runs that fail", .enabled(if: Torch.isAvailable))
struct TrainingFailureTests {
  @Test(
    "a full disk while a checkpoint is written leaves the previous one, from which the run goes on",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() throws {
    let folder = try RunTestFolder()
    let (run, whole) = (folder.file("run"), folder.file("whole"))
    try TinyTraining.run(TinyTraining.spec(), in: whole)
    // What is opened as the temporary file at step 5 is a device that is always full.
    let thrown = #expect(throws: RunFileError.self) {
      try TinyTraining.run(TinyTraining.spec(), in: run) { now in
        guard now.step == 5 else { return }
        try? FileManager.default.createSymbolicLink(
          atPath: run + "/checkpoint.safetensors.partial", withDestinationPath: "/dev/full")
      }
    }
    #expect("\(try #require(thrown))".contains("checkpoint.safetensors"))
    #expect(try TinyTraining.checkpoint(run).step == 4)
    #expect(!FileManager.default.fileExists(atPath: run + "/checkpoint.safetensors.partial"))
    try TinyTraining.resume(run)
    #expect(try TinyTraining.outcome(of: run) == TinyTraining.outcome(of: whole))
  }

  @Test("numbers that leave the finite range end the run, and its records say so", arguments: [false, true])
  func notFinite(isExact: Bool) throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    let spec = TinyTraining.spec {
      $0.solver.generatorRate = 1e30
      $0.solver.criticRate = 1e30
      if isExact { $0.compression = nil }
    }
    let thrown = #expect(throws: TrainingError.self) { try TinyTraining.run(spec, in: run) }
    guard case .notFinite(let step)? = thrown else {
      Issue.record("\(String(describing: thrown))")
      return
    }
    let records = try RunRecords(path: run + "/records.jsonl")
    #expect(records.end?.outcome == "nonFinite" && records.end?.step == step)
    #expect(records.steps.count == step - 1)
    if FileManager.default.fileExists(atPath: run + "/checkpoint.safetensors") {
      let checkpoint = try TinyTraining.checkpoint(run)
      #expect(checkpoint.step < step)
      #expect(checkpoint.solver.current.allSatisfy { $0.isFinite })
    }
  }

  @Test("parameters that overflow are found though the last dual vectors were finite")
  func parametersNotFinite() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    let spec = TinyTraining.spec {
      $0.steps = 1
      $0.solver.generatorRate = 1e308
      $0.solver.criticRate = 1e308
    }
    let thrown = #expect(throws: TrainingError.self) { try TinyTraining.run(spec, in: run) }
    guard case .notFinite(step: 1)? = thrown else {
      Issue.record("\(String(describing: thrown))")
      return
    }
    #expect(!FileManager.default.fileExists(atPath: run + "/checkpoint.safetensors"))
  }

  @Test("with the policy to stop, the layer and the step are named")
  func nonFiniteStop() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    let spec = TinyTraining.spec {
      $0.solver.generatorRate = 1e30
      $0.solver.criticRate = 1e30
      $0.compression?.nonFinite = .stop
    }
    let thrown = #expect(throws: ExchangeError.self) { try TinyTraining.run(spec, in: run) }
    guard case .nonFinite(let layer, let step)? = thrown else {
      Issue.record("\(String(describing: thrown))")
      return
    }
    #expect(step >= 1 && (layer.hasPrefix("critic") || layer.hasPrefix("generator")))
    #expect(try RunRecords(path: run + "/records.jsonl").steps.count == Int(step))
  }

  @Test("a run that fails before its first step leaves nothing behind")
  func earlyFailure() throws {
    let folder = try RunTestFolder()
    // A folder in the place of a log: the log cannot be opened after the run's folder was made.
    let run = folder.file("a/b/run")
    try FileManager.default.createDirectory(atPath: run + "/timings.jsonl", withIntermediateDirectories: true)
    #expect(throws: RunFileError.self) { try TinyTraining.run(TinyTraining.spec(), in: run) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: run) == ["timings.jsonl"])
  }

  @Test("a checkpoint that is damaged is an error that names it")
  func damagedCheckpoint() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    try TinyTraining.run(TinyTraining.spec { $0.steps = 2 }, in: run)
    let path = run + "/checkpoint.safetensors"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for damaged in [Data(), bytes.prefix(100), bytes.dropLast(), bytes + [0]] {
      try damaged.write(to: URL(fileURLWithPath: path))
      let thrown = #expect(throws: RunFileError.self) { try TinyTraining.resume(run, change: { $0.steps = 3 }) }
      #expect("\(try #require(thrown))".contains(path))
    }
  }
}
