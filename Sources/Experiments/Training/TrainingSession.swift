import Collectives
import VariationalInequalities

/// The execution of a run: from the spec's names to types, then to one thread per worker.
struct TrainingSession: SolverUser {
  let training: WGANTraining
  let gate: ComputeGate
  let resuming: Bool
  let report: @Sendable (TrainingProgress) -> Void

  func use<S: Solver>(_ solver: S) throws {
    let checkpoint = resuming ? try loadCheckpoint(TrainingCheckpoint<S.State>.self) : nil
    let (training, gate, report) = (training, gate, report)
    _ = try InProcessCollective.run(worldSize: training.spec.workers) { group in
      try gate.run {
        let gated = GatedCollective(group, gate: gate)
        var worker = try TrainingWorker(training, solver: solver, group: gated, from: checkpoint)
        return try worker.run(report: report)
      }
    }
  }

  private func loadCheckpoint<State: SolverState>(
    _ type: TrainingCheckpoint<State>.Type
  ) throws -> TrainingCheckpoint<State> {
    let path = training.folder.checkpoint
    let checkpoint = try CheckpointFile.read(type, from: path)
    guard checkpoint.specification == (try training.specification),
      checkpoint.exchanges.count == training.spec.workers,
      checkpoint.solver.current.count == training.network.dimension,
      checkpoint.average.count == training.network.dimension
    else {
      throw TrainingError.foreignCheckpoint("'\(path)' was made by another run than the manifest beside it describes.")
    }
    return checkpoint
  }
}
