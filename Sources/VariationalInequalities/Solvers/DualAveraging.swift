import LaminaNumerics

/// Dual averaging without optimism, with the step size of AdaGrad's norm form.
///
/// Xₜ₊₁ = Π(X₁ − ηₜ₊₁ Σ_{s≤t} V̄ₛ), ηₜ₊₁ = η₀ (λ₀ + Σ_{s≤t} Σₖ ‖V̂ₖ,ₛ‖²/K²)^(−½), V̄ the mean over workers. It averages
/// Xₜ, where its vectors are taken. On a bilinear game its gap falls as 1/√T even without noise: the baseline that shows
/// what the lookahead is for.
public struct DualAveraging: Solver, Hashable, Codable {
  /// The iterates, the dual sum and the sum under the root.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// The mean of the lookahead points, which are the iterates before each step.
    public fileprivate(set) var average: Point
    var start: Point
    var dualSum: Point
    var sum: Double
  }

  /// η₀, the factor of the step size.
  public let scale: Double

  /// λ₀, the sum under the root before anything was seen.
  public let leadingConstant: Double

  /// Dual averaging with the given constants.
  ///
  /// - Parameters:
  ///   - scale: η₀ > 0.
  ///   - leadingConstant: λ₀ > 0, in squared units of the dual vector.
  public init(scale: Double = 1, leadingConstant: Double = 1) {
    precondition(scale > 0 && scale.isFinite, "The scale of step sizes must be positive")
    precondition(leadingConstant > 0 && leadingConstant.isFinite, "The leading constant must be positive")
    self.scale = scale
    self.leadingConstant = leadingConstant
  }

  public var exchangesPerStep: Int { 1 }
  public var oracleCallsPerStep: Int { 1 }

  public func initialState(at x: Point) -> State {
    State(
      lookahead: x, current: x, average: x, start: x, dualSum: Point(repeating: 0, count: x.count),
      sum: leadingConstant)
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    let dual = oracle.sample(at: state.current, key: key.folding(state.iteration))
    let received = try exchange.exchange(dual, step: state.iteration)
    swap(&state.lookahead, &state.current)
    state.sum += received.squaredNorms / Double(received.workers * received.workers)
    state.dualSum.subtract(1, times: received.mean)
    state.current.assign(state.start, plus: scale / state.sum.squareRoot(), times: state.dualSum)
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
