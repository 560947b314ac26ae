import LaminaNumerics

/// Extra-gradient with Adam's moves (arXiv 1802.10551): two oracle calls and two exchanges in a step.
///
/// Xₜ₊½ = Π(Xₜ − D(g(Xₜ))), Xₜ₊₁ = Π(Xₜ − D(g(Xₜ₊½))), D the move that Adam makes. Both moves update the same moments,
/// which therefore advance twice in a step, as in the public code of Q-GenX.
public struct ExtraAdam: Solver, Hashable, Codable {
  /// The iterates and the moments.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// The moments of the vectors so far, two a step.
    public fileprivate(set) var moments: AdamMoments
  }

  /// The constants.
  public let rule: AdamRule

  /// ExtraAdam with the given constants.
  ///
  /// - Parameter rule: The constants.
  public init(_ rule: AdamRule) { self.rule = rule }

  public var exchangesPerStep: Int { 2 }
  public var oracleCallsPerStep: Int { 2 }

  public func initialState(at x: Point) -> State {
    State(lookahead: x, current: x, moments: AdamMoments(dimension: x.count))
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    let call = 2 * state.iteration
    let trial = try exchange.exchange(oracle.sample(at: state.current, key: key.folding(call)), step: call)
    var moments = state.moments
    moments.update(with: trial.mean, rule: rule, move: &state.lookahead)
    state.lookahead.subtract(from: state.current)
    oracle.project(&state.lookahead)
    let dual = oracle.sample(at: state.lookahead, key: key.folding(call + 1))
    let received = try exchange.exchange(dual, step: call + 1)
    var move = Point(repeating: 0, count: state.current.count)
    moments.update(with: received.mean, rule: rule, move: &move)
    state.moments = moments
    state.current.subtract(move)
    oracle.project(&state.current)
    state.iteration += 1
  }

  /// The last iterate: Adam has no theory of averages.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  public func solution(of state: State) -> Point { state.current }
}
