import Collectives
import Foundation
import VariationalInequalities

/// The execution of a run: from the spec's names to types, then to one thread per worker.
struct TrainingSession: SolverUser {
  let training: WGANTraining
  let gate: ComputeGate
  let resuming: Bool
  let stop: StopRequest
  let report: @Sendable (TrainingProgress) -> Void

  func use<S: Solver>(_ solver: S) throws {
    let checkpoint = resuming ? try loadCheckpoint(TrainingCheckpoint<S.State>.self) : nil
    if resuming { try training.updateManifest() }
    let (training, gate, stop, report) = (training, gate, stop, report)
    _ = try InProcessCollective.run(worldSize: training.spec.workers) { group in
      try gate.run {
        let gated = GatedCollective(group, gate: gate)
        var worker = try TrainingWorker(training, solver: solver, group: gated, from: checkpoint)
        return try worker.run(until: stop, report: report)
      }
    }
  }

  /// The checkpoint in the folder; nil where the run ended before its first one, and begins again.
  private func loadCheckpoint<State: SolverState>(
    _ type: TrainingCheckpoint<State>.Type
  ) throws -> TrainingCheckpoint<State>? {
    let path = training.folder.checkpoint
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let checkpoint = try CheckpointFile.read(type, from: path)
    guard checkpoint.specification == (try training.specification),
      checkpoint.exchanges.count == training.spec.workers,
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
