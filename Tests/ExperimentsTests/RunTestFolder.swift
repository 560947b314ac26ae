import Experiments
import Foundation
import LaminaNumerics
import NeuralNetworks
import RealModule

/// A folder of a test, removed with its last reference.
final class RunTestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("lamina-runs-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: file(name))), as: UTF8.self)
  }

  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}

/// A run that nobody trained: folders with plausible records, for the tests of reports.
struct SyntheticRun {
  var plan = "full precision"
  var isFullPrecision = true
  var seed: Int64 = 1
  var steps = 40
  var bits = 32.03
  var encode = 0.0001
  var decode = 0.0001
  /// How much worse than the others the distances are.
  var handicap = 1.0
  static let types = ["generator.linear", "generator.convolution", "critic.convolution", "critic.output"]
  static let dimension = 464_548

  /// Writes the folder through the same files that a training run writes.
  func write(to path: String, sample: ImageDataset? = nil) throws {
    let folder = RunFolder(path)
    try folder.create()
    try manifest.write(to: folder.manifest)
    let log = try RecordLog(path: folder.records)
    let timings = try RecordLog(path: folder.timings)
    var noise = RandomStream(key: RandomKey(seed: UInt64(seed)))
    try log.append(FloorRecord(pixelFrechet: 7.6, featureFrechet: 0.37))
    for step in 1...steps {
      let t = Double(step)
      try log.append(stepRecord(step, noise: &noise))
      if !isFullPrecision, step == 2 || step % max(1, steps / 8) == 0 { try log.append(levels(at: step)) }
      if step % max(1, steps / 10) == 0 {
        let wave = 1 + 0.06 * noise.nextNormal()
        try log.append(
          EvaluationRecord(
            step: step, pixelFrechet: handicap * wave * (95 + 1400 * Double.exp(-9 * t / Double(steps))),
            featureFrechet: handicap * wave * (3.1 + 150 * Double.exp(-12 * t / Double(steps)))))
      }
      try timings.append(
        TimingRecord(
          step: step, compute: 0.140, encode: encode, exchange: 0.0020, decode: decode, solver: 0.0030,
          total: 0.1450 + encode + decode, peakMemory: 400_000_000 + step))
    }
    try log.append(EndRecord(step: steps, outcome: "reachedStepLimit"))
    guard let sample, PNGImage.isAvailable else { return }
    for step in stride(from: max(1, steps / 5), through: steps, by: max(1, steps / 5)) {
      try AtomicFile.write(SampleGrid().image(of: sample).encoded(), to: folder.sample(step: step))
    }
  }

  private func stepRecord(_ step: Int, noise: inout RandomStream) -> StepRecord {
    let t = Double(step)
    let bytes = bits * Double(Self.dimension) / 8
    let share = 8 * bytes / Double(Self.types.count)
    return StepRecord(
      step: step, lossGenerator: 2.2 - 1.2 * t / Double(steps) + 0.8 * noise.nextNormal(),
      lossCritic: -6 * Double.exp(-t / Double(steps)) + 1.1 * noise.nextNormal(), bytes: bytes,
      bitsPerCoordinate: bits, normalizedError: isFullPrecision ? nil : 0.006 * Double.exp(0.2 * noise.nextNormal()),
      traffic: isFullPrecision
        ? [:]
        : Dictionary(
          uniqueKeysWithValues: (Self.types + ["frame headers"]).map {
            ($0, .init(norms: 0.01 * share, symbols: 0.98 * share, overhead: 0.01 * share))
          }))
  }

  private func levels(at step: Int) -> LevelsRecord {
    let shapes = Self.types.enumerated().map { index, type in
      let drift = 1 + 0.4 * Double(index) * Double.exp(-8 * Double(step) / Double(steps))
      return (type, [0.0] + (1...15).map { Double.pow(Double($0) / 15, 1.6 * drift) })
    }
    return LevelsRecord(step: step, epoch: step, levels: Dictionary(uniqueKeysWithValues: shapes))
  }

  private var manifest: Manifest {
    let layers = Self.types.enumerated().map { index, type in
      Manifest.ParameterLayout(
        name: "\(type).weight", type: type, offset: index * Self.dimension / 4, shape: [Self.dimension / 4])
    }
    let images = ImageDataset(name: "Noto emoji 32x32", channels: 3, height: 32, width: 32, pixels: [])
    return Manifest(
      commandLine: ["lamina", "train", "wgan", "--seed", "\(seed)", "--out", "runs/\(plan)"],
      spec: .object(["seed": .integer(seed), "name": .string(plan), "steps": .integer(Int64(steps))]), workers: 4,
      dimension: Self.dimension, dataSet: DataSetFacts(images), parameters: layers,
      plan: PlanSummary(name: plan, isFullPrecision: isFullPrecision), created: "2026-11-21T12:00:00Z")
  }
}
