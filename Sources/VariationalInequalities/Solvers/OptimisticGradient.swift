import LaminaNumerics

/// Optimistic gradient in one line: Xₜ₊₁ = Π(Xₜ − 2c g(Xₜ) + c g(Xₜ₋₁)).
///
/// g(X₀) = 0. Without constraints its iterates are the lookahead points of ``PopovGradient`` with γ = η = c; with
/// constraints the two differ. One oracle call and one exchange in a step.
public struct OptimisticGradient: Solver, Hashable, Codable {
  /// The iterates and the last vector.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// The mean of the lookahead points, which are the iterates before each step.
    public fileprivate(set) var average: Point
    var previousMean: DualVector
  }

  /// c, the step size.
  public let step: Double

  /// The method with step size `step`.
  ///
  /// - Parameter step: c > 0; at most 1/(2L) is safe, L the operator's modulus.
  public init(step: Double) {
    precondition(step > 0 && step.isFinite, "The step must be positive")
    self.step = step
  }

  public var exchangesPerStep: Int { 1 }
  public var oracleCallsPerStep: Int { 1 }

  public func initialState(at x: Point) -> State {
    State(lookahead: x, current: x, average: x, previousMean: DualVector(repeating: 0, count: x.count))
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    let dual = oracle.sample(at: state.current, key: key.folding(state.iteration))
    let received = try exchange.exchange(dual, step: state.iteration)
    swap(&state.lookahead, &state.current)
    state.current.assign(state.lookahead, minus: 2 * step, times: received.mean)
    state.current.subtract(-step, times: state.previousMean)
    oracle.project(&state.current)
    state.previousMean = received.mean
    state.iteration += 1
    state.average.move(toward: state.lookahead, by: 1 / Double(state.iteration))
  }

  /// The mean of the iterates.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  public func solution(of state: State) -> Point { state.average }
}
