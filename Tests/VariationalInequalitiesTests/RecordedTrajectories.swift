import LaminaNumerics
import VariationalInequalities

/// A run whose every number is recorded, for implementations of the same solvers in other languages.
struct RecordedTrajectory: Codable {
  /// The state after a step, and what the step exchanged.
  struct Step: Codable {
    /// (1/K) Σₖ V̂ₖ, as binary32 numbers.
    var mean: [Double]
    var squaredNorms: Double
    var squaredChanges: Double
    var lookahead: Point
    var current: Point
    /// X̄, of QODA alone.
    var average: Point?
    /// γ and η of the step to come, of QODA alone.
    var lookaheadStep: Double?
    var anchorStep: Double?
  }

  var name: String
  var solver: String
  var workers: Int
  /// Coordinates of the first player, who minimises; the others maximise, so that their dual vector is −∇.
  var minimised: Int
  var constants: [String: Double]
  var start: Point
  var steps: [Step]
}

extension RecordedTrajectory {
  static let stepCount: UInt64 = 20

  /// QODA with both rules and optimistic Adam, with one worker and with three, on the problem of ``FixedOracle``.
  static func all() -> [RecordedTrajectory] {
    let adaptive = AdaptiveSteps()
    let scaled = AdaptiveSteps(scale: 0.5, leadingConstant: 4)
    let separated = SeparatedSteps()
    let slower = SeparatedSteps(exponent: 0.125, scale: 0.5, leadingConstant: 2)
    let perPlayer = AdamRule(learningRates: LearningRates([(0..<4, 0.05), (4..<6, 0.02)]))
    let steady = AdamRule(learningRates: 0.1, firstDecay: 0, secondDecay: 0.99, epsilon: 1e-3)
    return [
      qoda("qoda-adaptive", adaptive, ["scale": 1, "leadingConstant": 1], workers: 3),
      qoda("qoda-adaptive-one-worker", scaled, ["scale": 0.5, "leadingConstant": 4], workers: 1),
      qoda("qoda-separated", separated, ["exponent": 0.25, "scale": 1, "leadingConstant": 1], workers: 3),
      qoda(
        "qoda-separated-one-worker", slower, ["exponent": 0.125, "scale": 0.5, "leadingConstant": 2], workers: 1),
      optimisticAdam("optimistic-adam", perPlayer, workers: 3),
      optimisticAdam("optimistic-adam-one-rate", steady, workers: 1),
    ]
  }

  private static func qoda<Steps: StepSizes>(
    _ name: String, _ steps: Steps, _ constants: [String: Double], workers: Int
  ) -> RecordedTrajectory {
    let solver = OptimisticDualAveraging(steps: steps)
    let rule = constants["exponent"] == nil ? "qoda-adaptive" : "qoda-separated"
    return record(solver, name: name, as: rule, constants: constants, workers: workers) { state, step in
      step.average = state.average
      (step.lookaheadStep, step.anchorStep) = state.stepSizes
    }
  }

  private static func optimisticAdam(_ name: String, _ rule: AdamRule, workers: Int) -> RecordedTrajectory {
    var constants = ["firstDecay": rule.firstDecay, "secondDecay": rule.secondDecay, "epsilon": rule.epsilon]
    let rates = rule.learningRates.groups
    constants["minimiserRate"] = rates[0].rate
    constants["maximiserRate"] = rates[rates.count - 1].rate
    return record(
      OptimisticAdam(rule), name: name, as: "optimistic-adam", constants: constants, workers: workers
    ) { _, _ in }
  }

  private static func record<S: Solver>(
    _ solver: S, name: String, as kind: String, constants: [String: Double], workers: Int,
    extra: (S.State, inout Step) -> Void
  ) -> RecordedTrajectory {
    var oracle = StackedOracle((0..<workers).map(FixedOracle.init(rank:)))
    var exchange = TallyingExchange(base: StackedExchange(workers: workers))
    var state = solver.initialState(at: FixedOracle.start)
    var steps: [Step] = []
    for _ in 0..<stepCount {
      solver.step(&state, oracle: &oracle, exchange: &exchange, key: RandomKey(seed: 0))
      guard let sent = exchange.last else { preconditionFailure("A step makes an exchange") }
      var step = Step(
        mean: sent.mean.map(Double.init), squaredNorms: sent.squaredNorms, squaredChanges: sent.squaredChanges,
        lookahead: state.lookahead, current: state.current)
      extra(state, &step)
      steps.append(step)
    }
    return RecordedTrajectory(
      name: name, solver: kind, workers: workers, minimised: FixedOracle.minimised, constants: constants,
      start: FixedOracle.start, steps: steps)
  }
}

/// A strongly monotone affine game whose workers differ by an offset; nothing in it is random, and it needs no function
/// that two libraries round differently.
private struct FixedOracle: Oracle {
  static let start: Point = [1, -0.5, 0.25, 2, -1.5, 0.75]
  static let minimised = 4
  /// The coupling of the four coordinates of one player with the two of the other.
  static let coupling: [[Double]] = [[1.25, -0.5], [0.75, 1], [-0.25, 1.5], [0.5, -1]]

  let rank: Int

  func sample(at x: Point, key: RandomKey) -> DualVector {
    let offset = 0.125 * Double(rank)
    return x.indices.map { i in
      var sum = 0.25 * x[i] + (i.isMultiple(of: 2) ? offset : -offset)
      if i < Self.minimised {
        for j in 0..<2 { sum += Self.coupling[i][j] * x[Self.minimised + j] }
      } else {
        for j in 0..<Self.minimised { sum -= Self.coupling[j][i - Self.minimised] * x[j] }
      }
      return Float(sum)
    }
  }
}

/// Remembers the last average.
private struct TallyingExchange: DualExchange {
  var base: StackedExchange
  var last: DualAverage?

  mutating func exchange(_ local: DualVector, step: UInt64) -> DualAverage {
    let average = base.exchange(local, step: step)
    last = average
    return average
  }
}
