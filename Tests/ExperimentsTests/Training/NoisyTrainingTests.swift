import Collectives
import Experiments
import Foundation
import NeuralNetworks
import Testing

@Suite("Training over a noisy link", .enabled(if: Torch.isAvailable))
struct NoisyTrainingTests {
  private func train(_ spec: TrainingSpec, in folder: String, rates: FaultRates, resumes: Bool = false) throws {
    let training = try WGANTraining(spec: spec, dataset: TinyTraining.images, folder: folder)
    _ = try InProcessCollective.run(worldSize: spec.workers) { base in
      let link = FaultInjectingCollective(base, rates: rates, seed: 17)
      if resumes {
        try training.resume(in: link) { _ in }
      } else {
        try training.start(commandLine: [], in: link) { _ in }
      }
    }
  }

  @Test("with retries the run goes on, ends with the parameters of a clean one, and counts what was sent again")
  func retries() throws {
    let folder = try RunTestFolder()
    let (clean, noisy) = (folder.file("clean"), folder.file("noisy"))
    let spec = TinyTraining.spec { $0.workers = 3 }
    try TinyTraining.run(spec, in: clean)
    var reliable = spec
    reliable.retries = 10
    reliable.steps = 5
    try train(reliable, in: noisy, rates: .damage(0.05))
    reliable.steps = 8
    try train(reliable, in: noisy, rates: .damage(0.05), resumes: true)
    let (records, expected) = try (
      RunRecords(path: noisy + "/records.jsonl"), RunRecords(path: clean + "/records.jsonl")
    )
    #expect(records.end == expected.end)
    #expect(records.steps.map(\.lossCritic) == expected.steps.map(\.lossCritic))
    #expect(expected.steps.allSatisfy { $0.resentMessages == nil && $0.traffic["retries"] == nil })
    #expect(records.steps.allSatisfy { $0.traffic["retries"] != nil && $0.resentMessages != 0 })
    let resent = records.steps.compactMap(\.resentMessages).reduce(0, +)
    #expect(resent > 0)
    let notes = try Report(directories: [noisy], link: .init(latency: 0, bandwidth: 1e9), command: []).runNotes
    #expect(notes == ["\(noisy): \(resent) messages arrived damaged and were sent again."])
  }

  @Test("a resumed run may have retries that it did not have before, and is the same run")
  func added() throws {
    let folder = try RunTestFolder()
    let (clean, run) = (folder.file("clean"), folder.file("run"))
    try TinyTraining.run(TinyTraining.spec(), in: clean)
    try TinyTraining.run(TinyTraining.spec { $0.steps = 4 }, in: run)
    try TinyTraining.resume(run) {
      $0.steps = 8
      $0.retries = 2
    }
    let (records, expected) = try (RunRecords(path: run + "/records.jsonl"), RunRecords(path: clean + "/records.jsonl"))
    #expect(records.end == expected.end)
    #expect(try TrainingSpec(manifest: Manifest(path: run + "/manifest.json")).retries == 2)
  }

  @Test("without retries damage ends the run with an error, and its last checkpoint is one to go on from")
  func unprotected() throws {
    let folder = try RunTestFolder()
    let (clean, run) = (folder.file("clean"), folder.file("run"))
    let spec = TinyTraining.spec { $0.workers = 3 }
    try TinyTraining.run(spec, in: clean)
    let calm = TinyTraining.spec { ($0.workers, $0.steps) = (3, 4) }
    try train(calm, in: run, rates: FaultRates())
    #expect(throws: (any Error).self) { try train(spec, in: run, rates: FaultRates(flips: 0.5), resumes: true) }
    #expect(try TinyTraining.checkpoint(run).step >= 4)
    try TinyTraining.resume(run) { $0.steps = 8 }
    #expect(
      try TinyTraining.outcome(of: run)["/checkpoint.safetensors"]
        == TinyTraining.outcome(of: clean)["/checkpoint.safetensors"])
  }
}
