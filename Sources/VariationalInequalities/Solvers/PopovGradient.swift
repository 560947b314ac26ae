import LaminaNumerics

/// Popov's method, or past extra-gradient: extra-gradient whose trial step reuses the vector of the step before.
///
/// Xₜ₊½ = Π(Xₜ − γₜ g(Xₜ₋½)), Xₜ₊₁ = Π(Xₜ − ηₜ g(Xₜ₊½)), with no vector before the first step: one oracle call and one
/// exchange in a step. With ``ConstantSteps``, γ = η ≤ 1/(2L) is safe; with ``PowerSteps`` or ``SeparatedSteps`` it is
/// OG+ (arXiv 2206.06015).
public struct PopovGradient<Steps: StepSizes>: Solver, Sendable {
  /// The iterates, the last vector and the step sizes in force.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// X̄, the mean of the lookahead points.
    public fileprivate(set) var average: Point
    var previousMean: DualVector
    var memory: Steps.Memory
    var movement = 0.0
    var lookaheadStep: Double
    var anchorStep: Double
  }

  /// The rule for γ and η.
  public let steps: Steps

  /// Popov's method with the given step sizes.
  ///
  /// - Parameter steps: The rule for γ and η.
  public init(steps: Steps) { self.steps = steps }

  public var exchangesPerStep: Int { 1 }
  public var oracleCallsPerStep: Int { 1 }

  public func initialState(at x: Point) -> State {
    State(
      lookahead: x, current: x, average: x, previousMean: DualVector(repeating: 0, count: x.count),
      memory: steps.initialMemory(), lookaheadStep: steps.first.lookahead, anchorStep: steps.first.anchor)
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    state.lookahead.assign(state.current, minus: state.lookaheadStep, times: state.previousMean)
    oracle.project(&state.lookahead)
    let dual = oracle.sample(at: state.lookahead, key: key.folding(state.iteration))
    let received = try exchange.exchange(dual, step: state.iteration)

    var next = Point.difference(state.current, minus: state.anchorStep, times: received.mean)
    oracle.project(&next)
    let movement = next.squaredDistance(to: state.current)
    state.current = next
    (state.lookaheadStep, state.anchorStep) =
      steps.next(&state.memory, after: received, movement: state.movement)
    state.movement = movement
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
