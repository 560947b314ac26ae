import Collectives
import Experiments
import Foundation
import GradientExchange
import NeuralNetworks
import Synchronization
import Testing

@Suite("A run goes on with another number of workers", .enabled(if: Torch.isAvailable))
struct WorkerChangeTests {
  /// Arms whose exchanges remember different things.
  static let arms = [
    TrainingArm("optimistic-adam") { $0.workers = 4 },
    TrainingArm("qoda, adaptive, moments") {
      $0.workers = 4
      $0.solver.kind = .qoda
      $0.compression?.model = .moments
    },
    TrainingArm("dithered, scatter-reduce") {
      $0.workers = 4
      $0.reduction = .scatterReduce
      $0.compression?.quantizer = .dithered
    },
    TrainingArm("full precision") {
      $0.workers = 4
      $0.compression = nil
    },
  ]

  private func goOn(_ run: String, steps: Int, workers: Int, threads: Int = 2) throws {
    try TinyTraining.resume(run, threads: threads) {
      $0.steps = steps
      $0.changeWorkers(to: workers)
    }
  }

  @Test(
    "4, then 2, then 3: replicas agree, the manifest tells, and each part is a function of the one before",
    arguments: arms)
  func resized(arm: TrainingArm) throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    var spec = arm.spec
    spec.steps = 3
    // Replicas are compared at every checkpoint, that is after every step.
    try TinyTraining.run(spec, in: run)
    try goOn(run, steps: 6, workers: 2)
    try FileManager.default.copyItem(atPath: run, toPath: run + "-again")
    try goOn(run, steps: 9, workers: 3)
    try goOn(run + "-again", steps: 9, workers: 3, threads: 1)
    #expect(try TinyTraining.outcome(of: run) == TinyTraining.outcome(of: run + "-again"))

    let manifest = try Manifest(path: run + "/manifest.json")
    #expect(manifest.workers == 3)
    #expect(
      manifest.workerChanges == [
        Manifest.WorkerChange(step: 3, before: 4, after: 2), Manifest.WorkerChange(step: 6, before: 2, after: 3),
      ])
    let records = try RunRecords(path: run + "/records.jsonl")
    #expect(records.steps.map(\.step) == Array(1...9))
    #expect(records.end?.outcome == "completed")
    #expect(records.steps.allSatisfy { $0.lossCritic.isFinite && $0.lossGenerator.isFinite })
    let notes = try Report(directories: [run], link: .init(latency: 0, bandwidth: 1e9), command: []).runNotes
    #expect(notes.count == 2 && notes[0].contains("2 workers in place of 4 after step 3"))
  }

  @Test("after a change, a run killed and resumed equals the one that was not")
  func killed() throws {
    let folder = try RunTestFolder()
    let run = folder.file("run")
    try TinyTraining.run(TinyTraining.spec { ($0.workers, $0.steps) = (2, 3) }, in: run)
    let copied = Mutex(false)
    try TinyTraining.resume(run) {
      $0.steps = 8
      $0.changeWorkers(to: 4)
    } report: { progress in
      guard progress.step == 6 else { return }
      try? FileManager.default.copyItem(atPath: run, toPath: run + "-6")
      copied.withLock { $0 = true }
    }
    #expect(copied.withLock { $0 })
    // It goes on with the four of its manifest.
    try TinyTraining.resume(run + "-6")
    #expect(try TinyTraining.outcome(of: run + "-6") == TinyTraining.outcome(of: run))
    #expect(try Manifest(path: run + "-6/manifest.json") == Manifest(path: run + "/manifest.json"))
  }

  @Test("a change that never made a step is forgotten, and nothing else may change with the workers")
  func forgotten() throws {
    let folder = try RunTestFolder()
    let (run, whole) = (folder.file("run"), folder.file("whole"))
    let spec = TinyTraining.spec { ($0.workers, $0.steps) = (2, 6) }
    try TinyTraining.run(spec, in: whole)
    try TinyTraining.run(TinyTraining.spec { ($0.workers, $0.steps) = (2, 3) }, in: run)
    // All steps are made already: the three workers find nothing to do.
    try goOn(run, steps: 3, workers: 3)
    #expect(try Manifest(path: run + "/manifest.json").workerChanges?.count == 1)
    #expect(throws: TrainingError.self) {
      try TinyTraining.resume(run) {
        $0.changeWorkers(to: 4)
        $0.seed = 9
      }
    }
    try goOn(run, steps: 6, workers: 2)
    #expect(try Manifest(path: run + "/manifest.json").workerChanges == nil)
    #expect(
      try RunRecords(path: run + "/records.jsonl").end == RunRecords(path: whole + "/records.jsonl").end)
  }
}
