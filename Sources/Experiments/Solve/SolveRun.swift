import Collectives
import DistributedVI
import GradientExchange
import LaminaNumerics
import Quantization
import VariationalInequalities

/// The workers of one experiment, with a solver in its own type.
struct SolveRun: SolverVisitor, Sendable {
  let experiment: SolveExperiment
  let instance: SolveInstance
  let key: RandomKey
  let progress: @Sendable (UInt64) -> Void

  /// Steps between two calls of `progress`, a power of two.
  private static let progressInterval: UInt64 = 64

  func visit<S: Solver>(_ solver: S) throws -> SolveResult {
    let replicas = try InProcessCollective.run(worldSize: experiment.workers, stackSize: 1 << 20) { group in
      try worker(solver, in: group)
    }
    for (rank, replica) in replicas.enumerated() where replica.fingerprint != replicas[0].fingerprint {
      throw SolveError.replicasDiffer(rank: rank)
    }
    return replicas[0].result
  }

  private struct Replica: Sendable {
    var result: SolveResult
    var fingerprint: UInt64
  }

  /// The whole run of one rank. Only rank 0 measures gaps; all take the same steps.
  private func worker<S: Solver>(_ solver: S, in group: InProcessCollective) throws -> Replica {
    var oracle = experiment.noise.oracle(of: instance, rank: group.rank)
    var exchange = QuantizedExchange<InProcessCollective>(
      plan: experiment.plan, group: group, agreement: experiment.agreement,
      options: ExchangeOptions(nonFinite: experiment.nonFinite))
    var fingerprint = Fingerprint()
    var slope = GapSlope()
    var marks = group.rank == 0 ? slopeMarks()[...] : []
    var iterates: [Point] = []
    var lookaheads: [Point] = []
    let keeps = experiment.keepsTrajectory && group.rank == 0
    var start = instance.start
    oracle.project(&start)
    let solution = try solve(
      with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange, key: key,
      stepLimit: experiment.stepCount
    ) { state in
      fingerprint.add(state.current)
      fingerprint.add(state.lookahead)
      if state.iteration == marks.first {
        marks.removeFirst()
        slope.record(instance.gap(at: solver.solution(of: state)), at: state.iteration)
      }
      if keeps {
        iterates.append(state.current)
        lookaheads.append(state.lookahead)
      }
      if group.rank == 0, state.iteration & (Self.progressInterval - 1) == 0 { progress(state.iteration) }
      return true
    }
    fingerprint.add(solution.point)
    return Replica(
      result: SolveResult(
        point: solution.point, gap: group.rank == 0 ? instance.gap(at: solution.point) : 0, slope: slope.slope,
        outcome: solution.outcome, steps: solution.state.iteration, traffic: exchange.traffic, iterates: iterates,
        lookaheads: lookaheads),
      fingerprint: fingerprint.word)
  }

  /// Where the gap is measured for the slope: the last two decades, evenly in log t.
  private func slopeMarks() -> [UInt64] {
    guard experiment.stepCount > 0 else { return [] }
    return GapSlope.logarithmicSteps(
      from: max(1, experiment.stepCount / 100), through: experiment.stepCount, count: 64)
  }
}

/// A hash of the exact bits of points in their order.
struct Fingerprint {
  private(set) var word: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ point: Point) {
    for value in point { word = (word ^ value.bitPattern) &* 0x0000_0100_0000_01B3 }
  }
}
