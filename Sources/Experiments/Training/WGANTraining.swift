public import NeuralNetworks
import Collectives
import Foundation
import GradientExchange
import Quantization
import VariationalInequalities
import WireFormat

/// A Wasserstein GAN trained by several workers that exchange dual vectors.
///
/// A run is a function of its spec and its data set: the records of the same spec are the same bytes, however many
/// threads computed them, and a resumed run equals an uninterrupted one bit for bit.
public struct WGANTraining: Sendable {
  /// What is run.
  public let spec: TrainingSpec
  /// The real images.
  public let dataset: ImageDataset
  /// Where the run writes.
  public let folder: RunFolder
  let network: WGANNetwork
  let plan: QuantizationPlan

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
  /// - Parameters:
  ///   - commandLine: The command, for the manifest.
  ///   - threads: How many workers compute at the same time.
  ///   - report: Is told of every step.
  /// - Throws: ``TrainingError``, ``RunFileError``, or what a worker met.
  public func start(
    commandLine: [String], threads: Int, report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    guard Torch.isAvailable else { throw TrainingError.needsTorch }
    guard !FileManager.default.fileExists(atPath: folder.manifest) else {
      throw TrainingError.folderHoldsRun(folder.path)
    }
    try folder.create()
    try manifest(commandLine: commandLine).write(to: folder.manifest)
    try run(threads: threads, resuming: false, report: report)
  }

  /// Goes on from the checkpoint in the folder.
  ///
  /// - Parameters:
  ///   - threads: How many workers compute at the same time.
  ///   - report: Is told of every step.
  /// - Throws: ``TrainingError``, ``RunFileError``, or what a worker met.
  public func resume(threads: Int, report: @escaping @Sendable (TrainingProgress) -> Void) throws {
    guard Torch.isAvailable else { throw TrainingError.needsTorch }
    let facts = try Manifest(path: folder.manifest).dataSet
    guard facts == DataSetFacts(dataset) else {
      throw TrainingError.images("The run was made with \(facts.count) images of '\(facts.name)', not with these.")
    }
    try run(threads: threads, resuming: true, report: report)
  }

  /// The spec as it must be for a checkpoint to fit: all of it but the number of steps and the place of the images.
  var specification: String {
    get throws {
      var spec = spec
      spec.steps = 0
      spec.data = ""
      return String(decoding: try CanonicalJSON.encode(spec), as: UTF8.self)
    }
  }

  private func run(
    threads: Int, resuming: Bool, report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    let session = TrainingSession(
      training: self, gate: ComputeGate(limit: max(1, threads)), resuming: resuming, report: report)
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
