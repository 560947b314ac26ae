public import Collectives
public import NeuralNetworks
import Foundation
import GradientExchange
import Quantization
import Synchronization
import VariationalInequalities
package import WireFormat

/// A Wasserstein GAN trained by several workers that exchange dual vectors.
///
/// A run is a function of its spec and its data set: the records of the same spec are the same bytes, however many
/// threads computed them, and a run resumed with as many workers equals an uninterrupted one bit for bit.
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
    self.dataset = dataset
    self.folder = RunFolder(folder)
    network = spec.network.network(channels: dataset.channels)
    plan = try TrainingPlan.plan(for: TrainingPlan.layerMap(of: network), spec.compression, seed: spec.seed)
    var spec = spec
    // An all-gather stays unnamed, so that runs from before there was a choice can be resumed.
    if spec.reduction == nil, Reduction.suitable(worldSize: spec.workers, plan: plan) == .scatterReduce {
      spec.reduction = .scatterReduce
    }
    self.spec = spec
  }

  /// Runs from the first step, with workers that are threads of this process.
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
    try makingFolder(commandLine, report) { report in
      try run(session(resuming: false, stop, report), threads: threads)
    }
  }

  /// Runs one worker of a group from the first step, over any transport; its peers do the same.
  ///
  /// Only rank 0 writes, and sees the folder.
  ///
  /// - Parameters:
  ///   - commandLine: The command, for the manifest.
  ///   - group: The group, of as many workers as the spec says.
  ///   - stop: Ends the run early when rank 0 is asked to.
  ///   - report: Is told of every step, on rank 0.
  /// - Throws: ``TrainingError``, ``RunFileError``, or what this worker met.
  public func start(
    commandLine: [String], in group: some Collective, stop: StopRequest = StopRequest(),
    report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    guard Torch.isAvailable else { throw TrainingError.needsTorch }
    guard group.rank == 0 else { return try run(session(resuming: false, stop, report), in: group) }
    try makingFolder(commandLine, report) { report in
      try run(session(resuming: false, stop, report), in: group)
    }
  }

  /// Makes the folder with its manifest, and removes what came of it where no step was made.
  private func makingFolder(
    _ commandLine: [String], _ report: @escaping @Sendable (TrainingProgress) -> Void,
    run: (@escaping @Sendable (TrainingProgress) -> Void) throws -> Void
  ) throws {
    for file in [folder.manifest, folder.records, folder.checkpoint] where FileManager.default.fileExists(atPath: file)
    {
      throw TrainingError.folderHoldsRun(folder.path)
    }
    let before = UnstartedRun(folder)
    let hasStepped = Atomic(false)
    do {
      try folder.create()
      try manifest(commandLine: commandLine).write(to: folder.manifest)
      try run { progress in
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
  /// The number of workers may be another than before, see ``TrainingSpec/changeWorkers(to:)``: state and average are
  /// the same on all of them. A rank that was there before goes on with what its exchange remembers, and a new one joins
  /// as described at `QuantizedExchange.join(_:)`; ranks beyond the new number are forgotten.
  ///
  /// - Parameters:
  ///   - threads: How many workers compute at the same time.
  ///   - stop: Ends the run early when asked to.
  ///   - report: Is told of every step.
  /// - Throws: ``TrainingError``, ``RunFileError``, or what a worker met.
  public func resume(
    threads: Int, stop: StopRequest = StopRequest(), report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    try checkManifest()
    try run(session(resuming: true, stop, report), threads: threads)
  }

  /// Goes on as one worker of a group, over any transport; all must see the folder.
  ///
  /// - Parameters:
  ///   - group: The group, of as many workers as the spec says.
  ///   - stop: Ends the run early when rank 0 is asked to.
  ///   - report: Is told of every step, on rank 0.
  /// - Throws: ``TrainingError``, ``RunFileError``, or what this worker met.
  public func resume(
    in group: some Collective, stop: StopRequest = StopRequest(),
    report: @escaping @Sendable (TrainingProgress) -> Void
  ) throws {
    try checkManifest()
    try run(session(resuming: true, stop, report), in: group)
  }

  /// Checks that the folder holds this run.
  private func checkManifest() throws {
    guard Torch.isAvailable else { throw TrainingError.needsTorch }
    let manifest = try Manifest(path: folder.manifest)
    let facts = manifest.dataSet
    guard facts == DataSetFacts(dataset) else {
      throw TrainingError.images("The run was made with \(facts.count) images of '\(facts.name)', not with these.")
    }
    guard spec.continues(try TrainingSpec(manifest: manifest)) else {
      throw TrainingError.foreignCheckpoint("'\(folder.path)' holds a run with other settings.")
    }
  }

  /// The spec for a checkpoint: all but the number of steps, the retries and the place of the images.
  var specification: String {
    get throws {
      var spec = spec
      (spec.steps, spec.retries, spec.data) = (0, nil, "")
      return String(decoding: try CanonicalJSON.encode(spec), as: UTF8.self)
    }
  }

  /// Writes the spec of a resumed run to its manifest, where it is another now, with what became of its workers.
  ///
  /// - Parameters:
  ///   - step: The steps of the checkpoint, 0 where there is none.
  ///   - workers: The workers that made the checkpoint, nil where there is none.
  /// - Throws: ``RunFileError`` or ``TrainingError``.
  func updateManifest(after step: Int, by workers: Int?) throws {
    let before = try Manifest(path: folder.manifest)
    var manifest = before
    manifest.spec = try JSONValue(encoding: spec)
    manifest.workers = spec.workers
    // Steps after the checkpoint are made anew, and by these workers.
    var changes = (manifest.workerChanges ?? []).filter { $0.step < step }
    if let workers, workers != spec.workers {
      changes.append(Manifest.WorkerChange(step: step, before: workers, after: spec.workers))
    }
    manifest.workerChanges = changes.isEmpty ? nil : changes
    guard manifest != before else { return }
    try manifest.write(to: folder.manifest)
  }

  private func session(
    resuming: Bool, _ stop: StopRequest, _ report: @escaping @Sendable (TrainingProgress) -> Void
  ) -> TrainingSession {
    TrainingSession(training: self, resuming: resuming, stop: stop, report: report)
  }

  private func run(_ session: TrainingSession, threads: Int) throws {
    let run = ThreadedTraining(session: session, gate: ComputeGate(limit: max(1, threads)))
    try spec.solver.dispatch(run, players: (network.generatorRange, network.criticRange))
  }

  private func run(_ session: TrainingSession, in group: some Collective) throws {
    guard group.worldSize == spec.workers else {
      throw TrainingError.setting(
        "The run has \(spec.workers) workers, but \(group.worldSize) were started; --workers \(group.worldSize) lets it "
          + "go on with these.")
    }
    let run = GroupTraining(session: session, group: group)
    try spec.solver.dispatch(run, players: (network.generatorRange, network.criticRange))
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
