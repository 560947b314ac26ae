import LaminaNumerics

/// What changes while a solver runs; all of it, so that a checkpoint is the state and nothing else.
public protocol SolverState: Sendable, Codable {
  /// The number of completed steps; the next step is t = `iteration` + 1.
  var iteration: UInt64 { get }

  /// Xₜ₊½, the point where the last step took the dual vector that it followed; the start before any step.
  var lookahead: Point { get }

  /// Xₜ₊₁, the iterate that the last step produced; the start before any step.
  var current: Point { get }
}

/// A method for variational inequalities: an immutable value of hyperparameters.
///
/// Every worker runs the same solver on the same average, so that all copies of the state stay identical; a message is
/// a dual vector, never a point.
///
/// Laws: a step is a pure function of state, oracle, exchange and key; a state that was encoded and decoded continues
/// bit for bit; the number of exchanges and oracle calls in a step are as declared. A step that throws leaves the state
/// such that the step can be repeated.
public protocol Solver: Sendable {
  /// All that changes between steps.
  associatedtype State: SolverState

  /// Exchanges in a step: messages that every worker sends.
  var exchangesPerStep: Int { get }

  /// Dual vectors that every worker samples in a step.
  var oracleCallsPerStep: Int { get }

  /// The state before the first step.
  ///
  /// - Parameter x: The start X₁, feasible.
  /// - Returns: The state with no step done.
  func initialState(at x: Point) -> State

  /// Makes one step.
  ///
  /// - Parameters:
  ///   - state: The state to advance.
  ///   - oracle: This worker's problem.
  ///   - exchange: The way to the other workers.
  ///   - key: The name of the run's randomness, the same in every step and for every worker. The n-th sample of a run
  ///     draws from `key.folding(n)`, n from 0.
  /// - Throws: The failure of the exchange.
  func step<O: Oracle, E: DualExchange>(
    _ state: inout State, oracle: inout O, exchange: inout E, key: RandomKey
  ) throws(E.Failure)

  /// What the method offers as its answer: the mean of the lookahead points where the theory speaks of it.
  ///
  /// - Parameter state: A state of this solver.
  /// - Returns: The start, before any step.
  func solution(of state: State) -> Point
}
