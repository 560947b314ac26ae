/// Why a run ended. A numerical outcome is a value, not an error.
public enum Outcome: String, Sendable, Codable, CaseIterable {
  /// The merit fell to the tolerance.
  case reachedTolerance
  /// All steps were made.
  case reachedStepLimit
  /// The iterate left every reasonable bound.
  case diverged
  /// A coordinate of the iterate is NaN or infinite.
  case nonFinite
  /// The observer asked to stop.
  case cancelled
}

extension Outcome: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .reachedTolerance: "The tolerance was reached."
    case .reachedStepLimit: "The step limit was reached."
    case .diverged: "The iterates diverged."
    case .nonFinite: "An iterate is not finite."
    case .cancelled: "The run was cancelled."
    }
  }
}

/// The end of a run.
public struct Solution<State: SolverState>: Sendable {
  /// What the solver offers as its answer.
  public let point: Point

  /// Why the run ended.
  public let outcome: Outcome

  /// The state after the last step, from which the run can go on.
  public let state: State
}
