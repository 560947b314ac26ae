import LaminaNumerics

/// Simultaneous gradient descent and ascent: Xₜ₊₁ = Π(Xₜ − c g(Xₜ)).
///
/// Converges on strongly monotone problems for small c and diverges on bilinear games for every c.
public struct GradientDescentAscent: Solver, Hashable, Codable {
  /// The iterates.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// The mean of the lookahead points, which are the iterates before each step.
    public fileprivate(set) var average: Point
  }

  /// c, the step size.
  public let step: Double

  /// The method with step size `step`.
  ///
  /// - Parameter step: c > 0; below 2μ/L² for a μ-strongly monotone, L-Lipschitz operator.
  public init(step: Double) {
    precondition(step > 0 && step.isFinite, "The step must be positive")
    self.step = step
  }

  public var exchangesPerStep: Int { 1 }
  public var oracleCallsPerStep: Int { 1 }

  public func initialState(at x: Point) -> State { State(lookahead: x, current: x, average: x) }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    let dual = oracle.sample(at: state.current, key: key.folding(state.iteration))
    let received = try exchange.exchange(dual, step: state.iteration)
    swap(&state.lookahead, &state.current)
    state.current.assign(state.lookahead, minus: step, times: received.mean)
    oracle.project(&state.current)
    state.iteration += 1
    state.average.move(toward: state.lookahead, by: 1 / Double(state.iteration))
  }

  /// The mean of the iterates.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  public func solution(of state: State) -> Point { state.average }
}
