import Experiments
import Foundation
import NeuralNetworks
import Testing

@Suite("A training run is a function of its spec", .enabled(if: Torch.isAvailable))
struct TrainingDeterminismTests {
  @Test("records, checkpoint and grids are the same bytes for 1, 2 and 4 threads, and again")
  func threads() throws {
    let folder = try RunTestFolder()
    let spec = TinyTraining.spec { $0.workers = 4 }
    var outcomes: [[String: Data]] = []
    for (index, threads) in [1, 2, 4, 2].enumerated() {
      let path = folder.file("run\(index)")
      try TinyTraining.run(spec, in: path, threads: threads)
      outcomes.append(try TinyTraining.outcome(of: path))
    }
    #expect(
      Set(outcomes[0].keys) == [
        "/records.jsonl", "/checkpoint.safetensors", "/samples/step-000003.png", "/samples/step-000006.png",
        "/samples/step-000008.png",
      ])
    for outcome in outcomes.dropFirst() { #expect(outcome == outcomes[0]) }
  }

  @Test("another seed gives another run")
  func seeds() throws {
    let folder = try RunTestFolder()
    try TinyTraining.run(TinyTraining.spec { $0.steps = 2 }, in: folder.file("a"))
    try TinyTraining.run(
      TinyTraining.spec {
        $0.steps = 2
        $0.seed = 2
      }, in: folder.file("b"))
    #expect(try RunRecords(path: folder.file("a/records.jsonl")) != RunRecords(path: folder.file("b/records.jsonl")))
  }

  @Test(
    "Fact 16: replicas agree after every step, a solver's messages are counted, and the digest is of the last point",
    arguments: TrainingArm.all)
  func records(arm: TrainingArm) throws {
    let folder = try RunTestFolder()
    var spec = arm.spec
    spec.workers = 3
    // Workers compare their replicas wherever a run is evaluated; unequal ones would end it.
    spec.evaluationInterval = 1
    spec.steps = 4
    try TinyTraining.run(spec, in: folder.file("run"))
    let records = try RunRecords(path: folder.file("run/records.jsonl"))
    #expect(records.steps.map(\.step) == Array(1...4))
    #expect(records.evaluations.map(\.step) == Array(1...4))
    #expect(records.end?.outcome == "completed" && records.end?.step == 4)
    #expect(records.end?.digest?.count == 16)
    #expect(records.floor != nil)
    let exchanges = Double(arm.spec.solver.exchangesPerStep)
    for step in records.steps {
      // A step's bytes are its table's bits; full precision sends 32 bits a coordinate, and headers and
      // checksums of 40 bytes: the size of the payload takes three of them, rank, epoch and step one each.
      let table = step.traffic.values.reduce(0) { $0 + $1.norms + $1.symbols + $1.overhead }
      #expect(step.bytes * 8 == table)
      if spec.compression == nil {
        #expect(step.normalizedError == nil)
        #expect(step.traffic["frame headers"]?.overhead == 40 * 8 * exchanges)
      } else {
        #expect(try #require(step.normalizedError) > 0)
      }
    }
    // The centroids of rotations never change.
    let adapts = spec.compression.map { $0.quantizer != .eden } ?? false
    #expect(records.levels.isEmpty == !adapts)
  }
}
