import Experiments
import Foundation
import NeuralNetworks
import Synchronization
import Testing

@Suite("A resumed run equals the uninterrupted one", .enabled(if: Torch.isAvailable))
struct TrainingResumptionTests {
  /// Copies a run's folder while it is at `steps`: after the records of the step, before its checkpoint, as a kill
  /// would leave it.
  private static func copying(_ run: String, at steps: Set<Int>) -> @Sendable (TrainingProgress) -> Void {
    { progress in
      guard steps.contains(progress.step) else { return }
      try? FileManager.default.copyItem(atPath: run, toPath: "\(run)-\(progress.step)")
    }
  }

  @Test("killed at a step and resumed: records, digest, grids and checkpoint bytes", arguments: TrainingArm.all)
  func killed(arm: TrainingArm) throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    // A kill at step n leaves the checkpoint of step n − 1. Levels change before the exchanges 1, 2, 3, 6 (counted from
    // 0) with windows of 2, so that the checkpoint of step 4 is right after an update, that of 5 inside of a window. The
    // default arm is killed everywhere, at step 1 too, where there is no checkpoint yet.
    let cuts = arm.description == "optimistic-adam" ? Set(1...8) : [5, 6]
    try TinyTraining.run(arm.spec, in: run, report: Self.copying(run, at: cuts))
    let whole = try TinyTraining.outcome(of: run)
    for cut in cuts.sorted() {
      let path = "\(run)-\(cut)"
      try TinyTraining.resume(path, threads: 1 + cut % 3)
      #expect(try TinyTraining.outcome(of: path) == whole, "killed at step \(cut)")
      #expect(try TimingRecord.read(path + "/timings.jsonl").map(\.step) == Array(1...8))
    }
  }

  @Test("checkpoints further apart than steps: the run goes on from the last one")
  func sparseCheckpoints() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    let spec = TinyTraining.spec { $0.checkpointInterval = 4 }
    try TinyTraining.run(spec, in: run, report: Self.copying(run, at: [3, 7]))
    let whole = try TinyTraining.outcome(of: run)
    for cut in [3, 7] {
      let first = Mutex<Int?>(nil)
      let path = "\(run)-\(cut)"
      try TinyTraining.resume(path, report: { now in first.withLock { $0 = $0 ?? now.step } })
      #expect(first.withLock { $0 } == (cut == 3 ? 1 : 5))
      #expect(try TinyTraining.outcome(of: path) == whole)
    }
  }

  @Test("a stop on request leaves a checkpoint of its step, from which the run goes on", arguments: [1, 2, 5, 6])
  func stopped(step: Int) throws {
    let folder = try RunTestFolder()
    let (run, whole) = (folder.file("run"), folder.file("whole"))
    let spec = TinyTraining.spec {
      $0.workers = 3
      $0.checkpointInterval = 100
    }
    try TinyTraining.run(spec, in: whole)
    let stop = StopRequest()
    let training = try WGANTraining(spec: spec, dataset: TinyTraining.images, folder: run)
    // The request comes while the records of a step are written; all workers end after the next one.
    let thrown = #expect(throws: TrainingError.self) {
      try training.start(commandLine: [], threads: 2, stop: stop) { now in if now.step == step { stop.request() } }
    }
    guard case .stopped(let last, _)? = thrown else {
      Issue.record("\(String(describing: thrown))")
      return
    }
    #expect(last == step + 1)
    #expect(try TinyTraining.checkpoint(run).step == last)
    let records = try RunRecords(path: run + "/records.jsonl")
    #expect(records.steps.map(\.step) == Array(1...last))
    #expect(records.end == nil)
    try TinyTraining.resume(run)
    #expect(try TinyTraining.outcome(of: run) == TinyTraining.outcome(of: whole))
  }

  @Test("a finished run can be prolonged; its manifest then says so")
  func prolonged() throws {
    let folder = try RunTestFolder()
    let (run, whole) = (folder.file("run"), folder.file("whole"))
    // 6 is a multiple of the evaluation interval, so that both runs evaluate at the same steps.
    try TinyTraining.run(TinyTraining.spec { $0.steps = 6 }, in: run)
    try TinyTraining.run(TinyTraining.spec(), in: whole)
    try TinyTraining.resume(run, change: { $0.steps = 8 })
    #expect(try TinyTraining.outcome(of: run) == TinyTraining.outcome(of: whole))
    let manifest = try Manifest(path: run + "/manifest.json")
    #expect(try TrainingSpec(manifest: manifest) == TinyTraining.spec())
    #expect(try Manifest(path: whole + "/manifest.json").parameters == manifest.parameters)
  }

  @Test("a finished run that is resumed stays as it is, and cannot become shorter")
  func finished() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    try TinyTraining.run(TinyTraining.spec { $0.steps = 3 }, in: run)
    let before = try TinyTraining.outcome(of: run)
    try TinyTraining.resume(run)
    #expect(try TinyTraining.outcome(of: run) == before)
    #expect(throws: TrainingError.self) { try TinyTraining.resume(run, change: { $0.steps = 2 }) }
    #expect(try TinyTraining.outcome(of: run) == before)
  }

  @Test("a folder that holds a run is refused, and stays as it is")
  func existing() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    try TinyTraining.run(TinyTraining.spec { $0.steps = 1 }, in: run)
    let before = try TinyTraining.outcome(of: run)
    #expect(throws: TrainingError.self) { try TinyTraining.run(TinyTraining.spec(), in: run) }
    #expect(try TinyTraining.outcome(of: run) == before)
    // Its records or its checkpoint alone are a run too.
    try FileManager.default.removeItem(atPath: run + "/manifest.json")
    #expect(throws: TrainingError.self) { try TinyTraining.run(TinyTraining.spec(), in: run) }
    #expect(try TinyTraining.outcome(of: run) == before)
    try FileManager.default.removeItem(atPath: run + "/records.jsonl")
    #expect(throws: TrainingError.self) { try TinyTraining.run(TinyTraining.spec(), in: run) }
    #expect(FileManager.default.fileExists(atPath: run + "/checkpoint.safetensors"))
  }

  @Test("a run of another spec is refused")
  func foreignCheckpoint() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    try TinyTraining.run(TinyTraining.spec { $0.steps = 2 }, in: run)
    let changes: [(inout TrainingSpec) -> Void] = [
      { $0.seed = 9 }, { $0.solver.generatorRate = 2e-3 }, { $0.solver.kind = .qoda },
      { $0.reduction = .scatterReduce },
      { $0.compression = nil }, { $0.network.width = 3 }, { $0.compression?.bits = 4 }, { $0.batchSize = 5 },
    ]
    for change in changes {
      #expect(throws: TrainingError.self) { try TinyTraining.resume(run, change: change) }
    }
    // A checkpoint that was put beside the manifest of another run.
    let other = folder.file("other")
    try TinyTraining.run(
      TinyTraining.spec {
        $0.steps = 2
        $0.seed = 9
      }, in: other)
    try FileManager.default.removeItem(atPath: other + "/checkpoint.safetensors")
    try FileManager.default.copyItem(
      atPath: run + "/checkpoint.safetensors", toPath: other + "/checkpoint.safetensors")
    #expect(throws: TrainingError.self) { try TinyTraining.resume(other, change: { $0.steps = 3 }) }
    try TinyTraining.resume(run, change: { $0.steps = 3 })
  }

  @Test("other images are refused")
  func foreignImages() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    let spec = TinyTraining.spec { $0.steps = 1 }
    try TinyTraining.run(spec, in: run)
    let fewer = TinyTraining.images.selecting(Array(0..<40))
    let training = try WGANTraining(spec: spec, dataset: fewer, folder: run)
    #expect(throws: TrainingError.self) { try training.resume(threads: 1) { _ in } }
  }

  @Test("resuming where there is no run says what is missing")
  func nothing() throws {
    let folder = try RunTestFolder()
    let training = try WGANTraining(spec: TinyTraining.spec(), dataset: TinyTraining.images, folder: folder.path)
    let thrown = #expect(throws: RunFileError.self) { try training.resume(threads: 1) { _ in } }
    #expect("\(try #require(thrown))".contains("manifest.json"))
    #expect(try folder.names == [])
  }
}
