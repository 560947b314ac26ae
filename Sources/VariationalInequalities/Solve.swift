import LaminaNumerics

/// When a point is good enough, and how often to look.
public struct Tolerance {
  /// The largest merit that ends a run.
  public let bound: Double

  /// The number of steps between two evaluations.
  public let interval: UInt64

  /// A measure of the distance to a solution, such as a gap or a residual.
  public let merit: (Point) -> Double

  /// Ends a run once `merit` of the solver's solution is at most `bound`.
  ///
  /// - Parameters:
  ///   - bound: The largest merit that ends a run.
  ///   - interval: The number of steps between two evaluations, at least 1.
  ///   - merit: A measure of the distance to a solution.
  public init(_ bound: Double, every interval: UInt64 = 1, merit: @escaping (Point) -> Double) {
    precondition(interval > 0, "A tolerance is looked at every step or less often")
    self.bound = bound
    self.interval = interval
    self.merit = merit
  }
}

/// Runs a solver: the one loop, in which all numerical outcomes are decided.
///
/// All workers of a run take the same decisions, because they hold the same state. To resume a run, pass the state it
/// ended with, the exchange it used and the same key.
///
/// - Parameters:
///   - solver: The method.
///   - start: The state to go on from; `solver.initialState(at:)` for a new run.
///   - oracle: This worker's problem.
///   - exchange: The way to the other workers.
///   - key: The name of the run's randomness, equal for all workers.
///   - stepLimit: The number of steps after which to stop, those already in `start` included.
///   - tolerance: When to stop earlier; never if nil.
///   - divergenceBound: The largest magnitude of a coordinate that is not called divergence.
///   - observe: Called after every step; returns whether to go on.
/// - Returns: The outcome and the state.
/// - Throws: The failure of the exchange.
public func solve<S: Solver, O: Oracle, E: DualExchange>(
  with solver: S, from start: S.State, oracle: inout O, exchange: inout E, key: RandomKey, stepLimit: UInt64,
  tolerance: Tolerance? = nil, divergenceBound: Double = 1e12, observe: (S.State) -> Bool = { _ in true }
) throws(E.Failure) -> Solution<S.State> {
  var state = start
  var outcome = Outcome.reachedStepLimit
  while state.iteration < stepLimit {
    try solver.step(&state, oracle: &oracle, exchange: &exchange, key: key)
    let goesOn = observe(state)
    let magnitude = state.current.largestMagnitude
    if !magnitude.isFinite {
      outcome = .nonFinite
      break
    }
    if magnitude > divergenceBound {
      outcome = .diverged
      break
    }
    if let tolerance, state.iteration % tolerance.interval == 0,
      tolerance.merit(solver.solution(of: state)) <= tolerance.bound
    {
      outcome = .reachedTolerance
      break
    }
    if !goesOn {
      outcome = .cancelled
      break
    }
  }
  return Solution(point: solver.solution(of: state), outcome: outcome, state: state)
}
