import Experiments
import Foundation
import GradientExchange
import LaminaNumerics
import NeuralNetworks

/// Training runs that take a fraction of a second.
enum TinyTraining {
  /// Images of uniform noise.
  static let images: ImageDataset = {
    var stream = RandomStream(key: RandomKey(seed: 77))
    let pixels = (0..<48 * 3 * 32 * 32).map { _ in UInt8(truncatingIfNeeded: stream.next() >> 56) }
    return ImageDataset(name: "noise", channels: 3, height: 32, width: 32, pixels: pixels)
  }()

  /// Two workers, eight steps, levels that change before the exchanges 1, 2, 3, 6, …
  static func spec(_ change: (inout TrainingSpec) -> Void = { _ in }) -> TrainingSpec {
    var spec = TrainingSpec()
    spec.data = "images"
    spec.network.width = 2
    spec.workers = 2
    spec.batchSize = 4
    spec.steps = 8
    spec.evaluationInterval = 3
    spec.checkpointInterval = 1
    spec.evaluationSamples = 32
    spec.compression?.bucket = 64
    spec.compression?.schedule = LevelSchedule(early: [1, 2], interval: 3, window: 2)
    change(&spec)
    return spec
  }

  /// Runs `spec` in a folder.
  static func run(
    _ spec: TrainingSpec, in folder: String, threads: Int = 2,
    report: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) throws {
    try WGANTraining(spec: spec, dataset: images, folder: folder)
      .start(commandLine: ["lamina", "train", "wgan"], threads: threads, report: report)
  }

  /// Goes on with the run of a folder, as its manifest describes it.
  static func resume(
    _ folder: String, threads: Int = 2, change: (inout TrainingSpec) -> Void = { _ in },
    report: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) throws {
    var spec = try TrainingSpec(manifest: Manifest(path: RunFolder(folder).manifest))
    change(&spec)
    try WGANTraining(spec: spec, dataset: images, folder: folder).resume(threads: threads, report: report)
  }

  /// What two executions of a spec must have in common: every file but the timings, the events and the manifest's date.
  static func outcome(of folder: String) throws -> [String: Data] {
    let folder = RunFolder(folder)
    var files = [folder.records, folder.checkpoint] + folder.sampleSteps.map { folder.sample(step: $0) }
    files.removeAll { !FileManager.default.fileExists(atPath: $0) }
    return Dictionary(
      uniqueKeysWithValues: try files.map {
        (String($0.dropFirst(folder.path.count)), try Data(contentsOf: URL(fileURLWithPath: $0)))
      })
  }

  /// The parts of a checkpoint that tests look at.
  struct Checkpoint: Decodable {
    struct Solver: Decodable { let current: [Double] }
    let step: Int
    let solver: Solver
    let average: [Double]
  }

  static func checkpoint(_ folder: String) throws -> Checkpoint {
    try CheckpointFile.read(Checkpoint.self, from: RunFolder(folder).checkpoint)
  }
}

/// A solver and a compression with a name for failures.
struct TrainingArm: Sendable, CustomStringConvertible {
  let description: String
  let spec: TrainingSpec

  init(_ description: String, _ change: (inout TrainingSpec) -> Void) {
    self.description = description
    spec = TinyTraining.spec(change)
  }

  /// Every solver, quantized; and the default one with other statistics, groupings, codes, and at full precision.
  static let all = [
    TrainingArm("optimistic-adam") { _ in },
    TrainingArm("optimistic-adam, full precision") { $0.compression = nil },
    TrainingArm("optimistic-adam, moments") { $0.compression?.model = .moments },
    TrainingArm("optimistic-adam, global Huffman, one norm") {
      $0.compression?.grouping = .global
      $0.compression?.code = .huffman
      $0.compression?.bucket = nil
    },
    TrainingArm("optimistic-adam, rotated") {
      $0.compression?.quantizer = .eden
      $0.compression?.bits = 1
    },
    TrainingArm("optimistic-adam, clipped") {
      $0.network.gradientPenalty = nil
      $0.compression?.method = .amq
    },
    TrainingArm("qoda") { $0.solver.kind = .qoda },
    TrainingArm("qoda, separated") {
      $0.solver.kind = .qoda
      $0.solver.steps = .separated
      // Its steps do not shrink with the gradients of a GAN; larger ones diverge within five steps.
      $0.solver.scale = 1e-3
    },
    TrainingArm("qoda, constant") {
      $0.solver.kind = .qoda
      $0.solver.steps = .constant(1e-3)
    },
    TrainingArm("qgenx") { $0.solver.kind = .qgenx },
    TrainingArm("qgenx-optimistic") { $0.solver.kind = .qgenxOptimistic },
    TrainingArm("extra-adam") { $0.solver.kind = .extraAdam },
    TrainingArm("adam") { $0.solver.kind = .adam },
  ]
}
