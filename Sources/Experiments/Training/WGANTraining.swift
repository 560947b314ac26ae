public import NeuralNetworks
import Collectives
import Foundation
import GradientExchange
import Quantization
import Synchronization
import VariationalInequalities
package import WireFormat

/// A Wasserstein GAN trained by several workers that exchange dual vectors.
///
/// A run is a function of its spec and its data set: the records of the same spec are the same bytes, however many
/// threads computed them, and a resumed run equals an uninterrupted one bit for bit.
public struct WGANTraining: Sendable {
  /// What is run.
  public let spec: TrainingSpec
  /// The real images.
  public let dataset: ImageDataset
  /// Steps whose last dual vector worker 0 writes, before quantization, to the folder of the run.
  public var recordedSteps: Set<Int> = []
  /// How many threads each worker, a thread itself, encodes and decodes with; results do not depend on it.
  public var codecThreads = 1
  /// Where the run writes.
  public let folder: RunFolder
  let network: WGANNetwork
  package let plan: QuantizationPlan

  /// The first label of the keys of a run.
  enum KeyLabel: UInt64 {
    case initialPoint = 1
    case oracle = 2
    case evaluation = 3
  }

  /// Checks a spec against a data set.
  ///
  /// - Parameters:
  ///   - spec: What to run.
  ///   - dataset: Images of 32 by 32 pixels.
  ///   - folder: The folder of the run.
  /// - Throws: ``TrainingError`` where a setting is impossible or the images do not fit.
  public init(spec: TrainingSpec, dataset: ImageDataset, folder: String) throws {
    try spec.validate()
    guard dataset.height == WGANNetwork.imageSide, dataset.width == WGANNetwork.imageSide else {
      throw TrainingError.images(
        "The networks take images of 32 by 32 pixels; '\(dataset.name)' has \(dataset.width) by \(dataset.height).")
    }
    guard dataset.count > 1 else { throw TrainingError.images("'\(dataset.name)' has fewer than 2 images.") }
    self.spec = spec
    self.dataset = dataset
    self.folder = RunFolder(folder)
    network = spec.network.network(channels: dataset.channels)
    plan = try TrainingPlan.plan(for: TrainingPlan.layerMap(of: network), spec.compression, seed: spec.seed)
  }

  /// Runs from the first step.
  ///
  /// A run that fails before its first step is done leaves no files; a later one can be resumed.
  ///
  /// - Parameters:
  ///   - commandLine: The command, for the manifest.
  ///   - threads: How many workers compute at the same time.
  ///   - stop: Ends the run early when asked to.
  ///   - report: Is told of every step.
  /// - Throws: ``TrainingError``, ``RunFileError``, or what a worker met.
  public func start(
    commandLine: [String], threads: Int, stop: StopRequest = StopRequest(),
    report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    guard Torch.isAvailable else { throw TrainingError.needsTorch }
    for file in [folder.manifest, folder.records, folder.checkpoint] where FileManager.default.fileExists(atPath: file)
    {
      throw TrainingError.folderHoldsRun(folder.path)
    }
    let before = UnstartedRun(folder)
    let hasStepped = Atomic(false)
    do {
      try folder.create()
      try manifest(commandLine: commandLine).write(to: folder.manifest)
      try run(threads: threads, resuming: false, stop: stop) { progress in
        hasStepped.store(true, ordering: .relaxed)
        report(progress)
      }
    } catch {
      if !hasStepped.load(ordering: .relaxed) { before.restore() }
      throw error
    }
  }

  /// Goes on from the checkpoint in the folder, or from the start where the run ended before its first checkpoint.
  ///
  /// - Parameters:
  ///   - threads: How many workers compute at the same time.
  ///   - stop: Ends the run early when asked to.
  ///   - report: Is told of every step.
  /// - Throws: ``TrainingError``, ``RunFileError``, or what a worker met.
  public func resume(
    threads: Int, stop: StopRequest = StopRequest(), report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    guard Torch.isAvailable else { throw TrainingError.needsTorch }
    let manifest = try Manifest(path: folder.manifest)
    let facts = manifest.dataSet
    guard facts == DataSetFacts(dataset) else {
      throw TrainingError.images("The run was made with \(facts.count) images of '\(facts.name)', not with these.")
    }
    guard try Self.identity(of: TrainingSpec(manifest: manifest)) == specification else {
      throw TrainingError.foreignCheckpoint("'\(folder.path)' holds a run with other settings.")
    }
    try run(threads: threads, resuming: true, stop: stop, report: report)
  }

  /// The spec as it must be for a checkpoint to fit.
  var specification: String { get throws { try Self.identity(of: spec) } }

  /// All of a spec but the number of steps and the place of the images.
  private static func identity(of spec: TrainingSpec) throws -> String {
    var spec = spec
    spec.steps = 0
    spec.data = ""
    return String(decoding: try CanonicalJSON.encode(spec), as: UTF8.self)
  }

  /// Writes the spec of a resumed run to its manifest, where its steps or the place of its images are others now.
  func updateManifest() throws {
    var manifest = try Manifest(path: folder.manifest)
    let resumed = try JSONValue(encoding: spec)
    guard manifest.spec != resumed else { return }
    manifest.spec = resumed
    try manifest.write(to: folder.manifest)
  }

  private func run(
    threads: Int, resuming: Bool, stop: StopRequest, report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    let session = TrainingSession(
      training: self, gate: ComputeGate(limit: max(1, threads)), resuming: resuming, stop: stop, report: report)
    try spec.solver.dispatch(session, players: (network.generatorRange, network.criticRange))
  }

  private func manifest(commandLine: [String]) throws -> Manifest {
    let summary = TrainingPlan.summary(of: plan, spec.compression)
    let types = Dictionary(uniqueKeysWithValues: plan.map.layers.map { ($0.name, $0.type.rawValue) })
    let parameters = network.layouts.map { layout in
      Manifest.ParameterLayout(
        name: layout.name, type: types[layout.name] ?? "", offset: layout.range.lowerBound, shape: layout.shape)
    }
    return Manifest(
      commandLine: commandLine, spec: try JSONValue(encoding: spec), workers: spec.workers,
      dimension: network.dimension, dataSet: DataSetFacts(dataset), parameters: parameters, plan: summary,
      created: ISO8601DateFormatter().string(from: Date()))
  }
}
