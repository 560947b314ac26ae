import Collectives
import Foundation
import VariationalInequalities

/// What the workers of a run have in common, wherever they are.
struct TrainingSession: Sendable {
  let training: WGANTraining
  let resuming: Bool
  let stop: StopRequest
  let report: @Sendable (TrainingProgress) -> Void

  /// The work of one worker.
  func work<S: Solver>(
    _ solver: S, in group: some Collective, from checkpoint: TrainingCheckpoint<S.State>?
  ) throws {
    var worker = try TrainingWorker(training, solver: solver, group: group, from: checkpoint)
    if resuming {
      try worker.agreeOnStart()
      if group.rank == 0 {
        try training.updateManifest(after: checkpoint?.step ?? 0, by: checkpoint?.exchanges.count)
      }
    }
    _ = try worker.run(until: stop, report: report)
  }

  /// The checkpoint in the folder; nil where the run ended before its first one, and begins again.
  func loadCheckpoint<State: SolverState>(
    _ type: TrainingCheckpoint<State>.Type
  ) throws -> TrainingCheckpoint<State>? {
    guard resuming else { return nil }
    let path = training.folder.checkpoint
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let checkpoint = try CheckpointFile.read(type, from: path)
    let made = try? CanonicalJSON.decode(TrainingSpec.self, from: checkpoint.specification.utf8)
    guard let made, training.spec.continues(made), checkpoint.exchanges.count == made.workers,
      checkpoint.solver.current.count == training.network.dimension,
      checkpoint.average.count == training.network.dimension
    else {
      throw TrainingError.foreignCheckpoint("'\(path)' was made by another run than the manifest beside it describes.")
    }
    guard checkpoint.step <= training.spec.steps else {
      throw TrainingError.setting(
        "'\(training.folder.path)' has made \(checkpoint.step) steps already, more than \(training.spec.steps).")
    }
    return checkpoint
  }
}

/// A run whose workers are threads of this process.
struct ThreadedTraining: SolverUser {
  let session: TrainingSession
  let gate: ComputeGate

  func use<S: Solver>(_ solver: S) throws {
    let checkpoint = try session.loadCheckpoint(TrainingCheckpoint<S.State>.self)
    let (session, gate) = (session, gate)
    _ = try InProcessCollective.run(worldSize: session.training.spec.workers) { group in
      try gate.run { try session.work(solver, in: GatedCollective(group, gate: gate), from: checkpoint) }
    }
  }
}

/// One worker of a run whose workers each call for themselves, as processes do.
struct GroupTraining<Group: Collective>: SolverUser {
  let session: TrainingSession
  let group: Group

  func use<S: Solver>(_ solver: S) throws {
    let checkpoint = try session.loadCheckpoint(TrainingCheckpoint<S.State>.self)
    try session.work(solver, in: group, from: checkpoint)
  }
}
