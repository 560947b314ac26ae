import LaminaNumerics

/// Q-GenX: generalised extra-gradient in dual form, in its three instances.
///
/// arXiv 2308.09187, with Π the projection on the feasible set:
///
/// ```
/// Xₜ₊½ = Π(Xₜ − (γₜ/K) Σₖ V̂ₖ,ₜ)
/// Yₜ₊₁ = Yₜ − (1/K) Σₖ V̂ₖ,ₜ₊½
/// Xₜ₊₁ = Π(γₜ₊₁ Yₜ₊₁),       γₜ = η₀ K (λ₀ + Σ_{i<t} Σₖ ‖V̂ₖ,ᵢ − V̂ₖ,ᵢ₊½‖²)^(−½)
/// ```
///
/// with η₀ = λ₀ = 1 in the paper. Y₁ = X₁/γ₁, so that X₁ = γ₁Y₁ holds for any start; with one worker and η₀ = 1 this is
/// the form of the authors' code. Unlike QODA the iterates are anchored at the origin, not at X₁.
public struct QGenX: Solver, Hashable, Codable {
  /// Which vector V̂ₖ,ₜ the lookahead follows.
  public enum Instance: String, Hashable, Sendable, Codable, CaseIterable {
    /// None: V̂ₖ,ₜ = 0 and Xₜ₊½ = Xₜ.
    case dualAveraging
    /// A fresh one at Xₜ: two oracle calls and two exchanges in a step.
    case dualExtrapolation
    /// That of the step before, V̂ₖ,ₜ₋½.
    case optimistic
  }

  /// The iterates, the dual sum and the sum under the root.
  public struct State: SolverState {
    public fileprivate(set) var iteration: UInt64 = 0
    public fileprivate(set) var lookahead: Point
    public fileprivate(set) var current: Point
    /// X̄, the mean of the lookahead points.
    public fileprivate(set) var average: Point
    var start: Point
    var dualSum: Point
    var previousMean: DualVector
    var sum: Double
    var step = 0.0
  }

  /// The vector that the lookahead follows.
  public let instance: Instance

  /// η₀, the factor of the step size.
  public let scale: Double

  /// λ₀, the sum under the root before anything was seen.
  public let leadingConstant: Double

  /// Q-GenX in one of its instances.
  ///
  /// - Parameters:
  ///   - instance: The vector that the lookahead follows.
  ///   - scale: η₀ > 0.
  ///   - leadingConstant: λ₀ > 0, in squared units of the dual vector.
  public init(_ instance: Instance, scale: Double = 1, leadingConstant: Double = 1) {
    precondition(scale > 0 && scale.isFinite, "The scale of step sizes must be positive")
    precondition(leadingConstant > 0 && leadingConstant.isFinite, "The leading constant must be positive")
    self.instance = instance
    self.scale = scale
    self.leadingConstant = leadingConstant
  }

  public var exchangesPerStep: Int { instance == .dualExtrapolation ? 2 : 1 }
  public var oracleCallsPerStep: Int { exchangesPerStep }

  public func initialState(at x: Point) -> State {
    State(
      lookahead: x, current: x, average: x, start: x, dualSum: Point(repeating: 0, count: x.count),
      previousMean: DualVector(repeating: 0, count: instance == .optimistic ? x.count : 0), sum: leadingConstant)
  }

  public func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure) {
    var call = state.iteration * UInt64(exchangesPerStep)
    switch instance {
    case .dualAveraging:
      state.lookahead = state.current
    case .dualExtrapolation:
      let dual = oracle.sample(at: state.current, key: key.folding(call))
      let received = try exchange.exchange(dual, step: call)
      let step = stepSize(sum: state.sum, workers: received.workers)
      state.lookahead.assign(state.current, minus: step, times: received.mean)
      oracle.project(&state.lookahead)
      call += 1
    case .optimistic:
      state.lookahead.assign(state.current, minus: state.step, times: state.previousMean)
      oracle.project(&state.lookahead)
    }
    let dual = oracle.sample(at: state.lookahead, key: key.folding(call))
    let received = try exchange.exchange(dual, step: call)
    finish(&state, with: received)
    oracle.project(&state.current)
  }

  private func finish(_ state: inout State, with received: DualAverage) {
    // Without a lookahead vector the change is the vector itself.
    state.sum += instance == .dualAveraging ? received.squaredNorms : received.squaredChanges
    state.step = stepSize(sum: state.sum, workers: received.workers)
    state.dualSum.subtract(1, times: received.mean)
    let first = stepSize(sum: leadingConstant, workers: received.workers)
    state.current.assign(state.start, scaledBy: state.step / first, plus: state.step, times: state.dualSum)
    if instance == .optimistic { state.previousMean = received.mean }
    state.iteration += 1
    state.average.move(toward: state.lookahead, by: 1 / Double(state.iteration))
  }

  private func stepSize(sum: Double, workers: Int) -> Double { scale * Double(workers) / sum.squareRoot() }

  /// X̄, the mean of the lookahead points.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  public func solution(of state: State) -> Point { state.average }
}
