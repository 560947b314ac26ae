import LaminaNumerics

/// Simultaneous Adam: every step follows the moments of the vectors at the iterates.
///
/// The usual baseline of adversarial training; it has no lookahead and no guarantee on monotone problems.
public struct Adam: Solver, Hashable, Codable {
  /// The iterate and the moments.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// The moments of the vectors so far.
    public fileprivate(set) var moments: AdamMoments
  }

  /// The constants.
  public let rule: AdamRule

  /// Adam with the given constants.
  ///
  /// - Parameter rule: The constants.
  public init(_ rule: AdamRule) { self.rule = rule }

  public var exchangesPerStep: Int { 1 }
  public var oracleCallsPerStep: Int { 1 }

  public func initialState(at x: Point) -> State {
    State(lookahead: x, current: x, moments: AdamMoments(dimension: x.count))
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    let dual = oracle.sample(at: state.current, key: key.folding(state.iteration))
    let received = try exchange.exchange(dual, step: state.iteration)
    swap(&state.lookahead, &state.current)
    state.moments.update(with: received.mean, rule: rule, move: &state.current)
    state.current.subtract(from: state.lookahead)
    oracle.project(&state.current)
    state.iteration += 1
  }

  /// The last iterate: Adam has no theory of averages.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  public func solution(of state: State) -> Point { state.current }
}
