import Collectives
import DistributedVI
import GradientExchange
import LaminaNumerics
import Quantization
import VariationalInequalities

/// One worker of an experiment, with a solver in its own type.
struct SolveRun<Group: Collective>: SolverVisitor {
  let experiment: SolveExperiment
  let instance: SolveInstance
  let key: RandomKey
  let group: Group
  let progress: @Sendable (UInt64) -> Void

  /// Steps between two calls of `progress`, a power of two.
  private static var progressInterval: UInt64 { 64 }

  /// Only rank 0 measures gaps; all take the same steps, and compare where these led.
  func visit<S: Solver>(_ solver: S) throws -> SolveResult {
    let (result, fingerprint, link) = try run(solver)
    let fingerprints = try link.allGather(fingerprint.bytes)
    for (rank, other) in fingerprints.enumerated() where other != fingerprints[0] {
      throw SolveError.replicasDiffer(rank: rank)
    }
    return result
  }

  private func run<S: Solver>(_ solver: S) throws -> (SolveResult, Fingerprint, ReliableCollective<Group>) {
    var oracle = experiment.noise.oracle(of: instance, rank: group.rank)
    var exchange = QuantizedExchange<Group>(
      plan: experiment.plan, group: group, agreement: experiment.agreement,
      options: ExchangeOptions(
        reduction: experiment.reduction ?? .suitable(worldSize: experiment.workers, plan: experiment.plan),
        nonFinite: experiment.nonFinite, retries: experiment.retries))
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
    let result = SolveResult(
      point: solution.point, gap: group.rank == 0 ? instance.gap(at: solution.point) : 0, slope: slope.slope,
      outcome: solution.outcome, steps: solution.state.iteration, traffic: exchange.traffic, iterates: iterates,
      lookaheads: lookaheads)
    return (result, fingerprint, exchange.link)
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

  /// The bytes that workers compare.
  var bytes: [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }
}
