import LaminaNumerics

/// Extra-gradient: a trial step, and from the same point a step along the vector found there.
///
/// Xₜ₊½ = Π(Xₜ − γₜ g(Xₜ)), Xₜ₊₁ = Π(Xₜ − ηₜ g(Xₜ₊½)): two oracle calls and two exchanges in a step. With
/// ``ConstantSteps`` below 1/L it is Korpelevich's method; with ``AdaptiveSteps`` γₜ = (1 + Σ_{s<t} ‖gₛ − gₛ₊½‖²)^(−½),
/// AdaProx (arXiv 2010.12100).
public struct Extragradient<Steps: StepSizes>: Solver, Sendable {
  /// The iterates and the step sizes in force.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// X̄, the mean of the lookahead points.
    public fileprivate(set) var average: Point
    var memory: Steps.Memory
    var movement = 0.0
    var lookaheadStep: Double
    var anchorStep: Double
  }

  /// The rule for γ and η.
  public let steps: Steps

  /// Extra-gradient with the given step sizes.
  ///
  /// - Parameter steps: The rule for γ and η.
  public init(steps: Steps) { self.steps = steps }

  public var exchangesPerStep: Int { 2 }
  public var oracleCallsPerStep: Int { 2 }

  public func initialState(at x: Point) -> State {
    State(
      lookahead: x, current: x, average: x, memory: steps.initialMemory(), lookaheadStep: steps.first.lookahead,
      anchorStep: steps.first.anchor)
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    let call = 2 * state.iteration
    let trial = try exchange.exchange(oracle.sample(at: state.current, key: key.folding(call)), step: call)
    state.lookahead.assign(state.current, minus: state.lookaheadStep, times: trial.mean)
    oracle.project(&state.lookahead)
    let dual = oracle.sample(at: state.lookahead, key: key.folding(call + 1))
    let received = try exchange.exchange(dual, step: call + 1)

    var next = Point.difference(state.current, minus: state.anchorStep, times: received.mean)
    oracle.project(&next)
    let movement = next.squaredDistance(to: state.current)
    state.current = next
    (state.lookaheadStep, state.anchorStep) =
      steps.next(&state.memory, after: received, movement: state.movement)
    state.movement = movement
    state.iteration += 1
    state.average.move(toward: state.lookahead, by: 1 / Double(state.iteration))
  }

  /// X̄, the mean of the lookahead points.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  public func solution(of state: State) -> Point { state.average }
}
