import Collectives
import GradientExchange
import LaminaNumerics
import Quantization
import VariationalInequalities
import WireFormat

/// A variational inequality solved by K workers, threads or processes, with noise of their own, over a real exchange.
///
/// A pure function of its values: the same experiment gives the same result, bit for bit, on any number of cores and
/// over any transport.
public struct SolveExperiment: Sendable {
  /// The problem.
  public var problem: SolveProblem
  /// The number of coordinates, one that the problem has.
  public var dimension: Int
  /// The solver.
  public var method: SolveMethod
  /// Its step sizes, which it must accept.
  public var steps: SolveSteps
  /// K, the number of workers.
  public var workers: Int
  /// What disturbs their dual vectors.
  public var noise: SolveNoise
  /// How dual vectors travel; its layer map is of the problem's dimension.
  public var plan: QuantizationPlan
  /// How levels adapt, nil to keep levels and codes.
  public var agreement: LevelAgreement?
  /// How dual vectors become their mean; nil for what suits the number of workers and the size of the vector.
  public var reduction: Reduction?
  /// How often a message that arrives damaged is sent again.
  public var retries: Int
  /// What happens to a dual vector that is not finite.
  public var nonFinite: NonFinitePolicy
  /// T, the number of steps.
  public var stepCount: UInt64
  /// Names the instance, the start and the noise.
  public var seed: UInt64
  /// Whether the result holds every iterate.
  public var keepsTrajectory: Bool

  /// An experiment.
  public init(
    problem: SolveProblem, dimension: Int, method: SolveMethod, steps: SolveSteps, workers: Int, noise: SolveNoise,
    plan: QuantizationPlan, agreement: LevelAgreement? = nil, reduction: Reduction? = nil,
    retries: Int = 0, nonFinite: NonFinitePolicy = .send, stepCount: UInt64, seed: UInt64, keepsTrajectory: Bool = false
  ) {
    precondition(workers >= 1 && workers <= Int(UInt16.max), "An experiment has 1 to 65535 workers, not \(workers)")
    precondition(plan.map.dimension == dimension, "The layer map has another dimension than the problem")
    self.problem = problem
    self.dimension = dimension
    self.method = method
    self.steps = steps
    self.workers = workers
    self.noise = noise
    self.plan = plan
    self.agreement = agreement
    self.reduction = reduction
    self.retries = retries
    self.nonFinite = nonFinite
    self.stepCount = stepCount
    self.seed = seed
    self.keepsTrajectory = keepsTrajectory
  }

  /// Runs all workers, each a thread of this process, and checks that their copies of the iterates stayed identical.
  ///
  /// - Parameter progress: Called now and then by the first worker with the steps done.
  /// - Returns: The result, the same on all workers.
  /// - Throws: What an exchange threw, or ``SolveError/replicasDiffer(rank:)``.
  public func run(progress: @escaping @Sendable (UInt64) -> Void = { _ in }) throws -> SolveResult {
    let instance = makeInstance()
    let results = try InProcessCollective.run(worldSize: workers, stackSize: 1 << 20) { group in
      try run(in: group, instance: instance, progress: progress)
    }
    return results[0]
  }

  /// Runs one worker of a group, over any transport; its peers do the same with the same experiment.
  ///
  /// - Parameters:
  ///   - group: The group, of as many workers as the experiment has.
  ///   - progress: Called now and then by rank 0 with the steps done.
  /// - Returns: The result; its gap, its slope and its iterates on rank 0 only.
  /// - Throws: What an exchange threw, or ``SolveError/replicasDiffer(rank:)``.
  public func run(
    in group: some Collective, progress: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) throws -> SolveResult {
    precondition(group.worldSize == workers, "The experiment has \(workers) workers, the group \(group.worldSize)")
    return try run(in: group, instance: makeInstance(), progress: progress)
  }

  private func makeInstance() -> SolveInstance {
    problem.instance(dimension: dimension, workers: workers, key: RandomKey(seed: seed).folding(0))
  }

  private func run(
    in group: some Collective, instance: SolveInstance, progress: @escaping @Sendable (UInt64) -> Void
  ) throws -> SolveResult {
    let key = RandomKey(seed: seed).folding(1)
    let run = SolveRun(experiment: self, instance: instance, key: key, group: group, progress: progress)
    return try method.visit(steps, with: run)
  }
}

/// Why a run gave no result.
public enum SolveError: Error, Hashable, Sendable {
  /// The iterates of a worker are not bit for bit those of worker 0.
  case replicasDiffer(rank: Int)
}

extension SolveError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .replicasDiffer(let rank): "The iterates of worker \(rank) differ from those of worker 0."
    }
  }
}

/// What a run found.
public struct SolveResult: Sendable {
  /// The solver's answer: the mean of the lookahead points, for most.
  public var point: Point
  /// The gap at the answer; the natural residual where the gap has no closed form.
  public var gap: Double
  /// The slope of log gap over log t in the last two decades of steps, nil with fewer than two points.
  public var slope: Double?
  /// Why the run ended.
  public var outcome: Outcome
  /// The steps that were made.
  public var steps: UInt64
  /// What one worker sent.
  public var traffic: TrafficReport
  /// X₂, X₃, …, if they were asked for.
  public var iterates: [Point]
  /// X₁₊½, X₂₊½, …, if they were asked for.
  public var lookaheads: [Point]

  /// Bits per coordinate of a message: norms, symbols, lengths and level updates, without the envelope of the frame and
  /// what retries take.
  public var bitsPerCoordinate: Double {
    guard traffic.exchanges > 0 else { return 0 }
    let envelope = traffic.framing + (traffic.retries?.bits ?? 0)
    return Double(traffic.totalBits - envelope) / (Double(traffic.exchanges) * Double(traffic.dimension))
  }

  /// Bits per coordinate of a message, everything counted.
  public var framedBitsPerCoordinate: Double { traffic.bitsPerCoordinate }

  /// Dual vectors that every worker sent in a step, as counted.
  public var messagesPerWorkerPerStep: Double { steps == 0 ? 0 : Double(traffic.exchanges) / Double(steps) }
}
