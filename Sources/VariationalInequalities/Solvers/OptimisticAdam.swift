import LaminaNumerics

/// Past extra-gradient with Adam's moves: one oracle call and one exchange in a step.
///
/// With D(g) the move that Adam makes on seeing g:
///
/// ```
/// Xₜ₊½ = Π(Xₜ − dₜ₋₁)          the move of the step before, d₀ = 0
/// dₜ = D(g(Xₜ₊½))              one fresh vector, one update of the moments
/// Xₜ₊₁ = Π(Xₜ − dₜ)
/// ```
///
/// The practical solver of adversarial training: the same single exchange as QODA, with a step size for each coordinate.
/// The moments are computed from the exchanged mean, so all workers hold the same.
public struct OptimisticAdam: Solver, Hashable, Codable {
  /// The iterates, the last move and the moments.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// dₜ, the move of the last step.
    public fileprivate(set) var move: Point
    /// The moments of the vectors so far.
    public fileprivate(set) var moments: AdamMoments
  }

  /// The constants.
  public let rule: AdamRule

  /// Optimistic Adam with the given constants.
  ///
  /// - Parameter rule: The constants.
  public init(_ rule: AdamRule) { self.rule = rule }

  public var exchangesPerStep: Int { 1 }
  public var oracleCallsPerStep: Int { 1 }

  public func initialState(at x: Point) -> State {
    State(
      lookahead: x, current: x, move: Point(repeating: 0, count: x.count), moments: AdamMoments(dimension: x.count))
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    state.lookahead.assign(state.current, plus: -1, times: state.move)
    oracle.project(&state.lookahead)
    let dual = oracle.sample(at: state.lookahead, key: key.folding(state.iteration))
    let received = try exchange.exchange(dual, step: state.iteration)
    state.moments.update(with: received.mean, rule: rule, move: &state.move)
    state.current.subtract(state.move)
    oracle.project(&state.current)
    state.iteration += 1
  }

  /// The last iterate: Adam has no theory of averages.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  public func solution(of state: State) -> Point { state.current }
}
