import LaminaNumerics

/// QODA: optimistic dual averaging with one exchange and one oracle call in a step.
///
/// Algorithm 1 of arXiv 2505.14371, with Π the projection on the feasible set:
///
/// ```
/// Xₜ₊½ = Π(Xₜ − γₜ (1/K) Σₖ V̂ₖ,ₜ₋½)     line 10; the vectors of the step before, V̂ₖ,½ = 0
/// V̂ₖ,ₜ₊½ = exchange(gₖ(Xₜ₊½))
/// Yₜ₊₁ = Yₜ − (1/K) Σₖ V̂ₖ,ₜ₊½           line 17, Y₁ = 0
/// Xₜ₊₁ = Π(X₁ + ηₜ₊₁ Yₜ₊₁)              line 18
/// ```
///
/// The step sizes make the method: ``AdaptiveSteps`` (eq. 4), ``SeparatedSteps`` (Alt, with one worker the adaptive
/// OptDA+), ``PowerSteps`` (OptDA+ with a schedule), ``ConstantSteps`` (past extra-gradient, if unconstrained).
public struct OptimisticDualAveraging<Steps: StepSizes>: Solver, Sendable {
  /// The iterates, the dual sum and the step sizes in force.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// X̄, the mean of the lookahead points.
    public fileprivate(set) var average: Point
    /// γ of the next lookahead and η of the last step.
    public var stepSizes: (lookahead: Double, anchor: Double) { (lookaheadStep, anchorStep) }
    var start: Point
    var dualSum: Point
    var previousMean: DualVector
    var memory: Steps.Memory
    var movement = 0.0
    var lookaheadStep: Double
    var anchorStep: Double
  }

  /// The rule for γ and η.
  public let steps: Steps

  /// QODA with the given step sizes.
  ///
  /// - Parameter steps: The rule for γ and η.
  public init(steps: Steps) { self.steps = steps }

  public var exchangesPerStep: Int { 1 }
  public var oracleCallsPerStep: Int { 1 }

  public func initialState(at x: Point) -> State {
    State(
      lookahead: x, current: x, average: x, start: x, dualSum: Point(repeating: 0, count: x.count),
      previousMean: DualVector(repeating: 0, count: x.count), memory: steps.initialMemory(),
      lookaheadStep: steps.first.lookahead, anchorStep: steps.first.anchor)
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    state.lookahead.assign(state.current, minus: state.lookaheadStep, times: state.previousMean)
    oracle.project(&state.lookahead)
    let dual = oracle.sample(at: state.lookahead, key: key.folding(state.iteration))
    let received = try exchange.exchange(dual, step: state.iteration)
    (state.lookaheadStep, state.anchorStep) =
      steps.next(&state.memory, after: received, movement: state.movement)

    state.dualSum.subtract(1, times: received.mean)
    var next = Point.sum(state.start, plus: state.anchorStep, times: state.dualSum)
    oracle.project(&next)
    state.movement = next.squaredDistance(to: state.current)
    state.current = next
    state.previousMean = received.mean
    state.iteration += 1
    state.average.move(toward: state.lookahead, by: 1 / Double(state.iteration))
  }

  /// X̄, the mean of the lookahead points.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  public func solution(of state: State) -> Point { state.average }
}
