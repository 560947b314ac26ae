import GradientExchange
import VariationalInequalities

/// Everything from which a run goes on bit for bit; randomness saves nothing.
struct TrainingCheckpoint<State: SolverState>: Codable, Sendable {
  /// Steps done.
  var step: Int
  /// The solver's state, equal on all workers.
  var solver: State
  /// The average of the generators that is evaluated.
  var average: Point
  /// What each worker's exchange remembers, in rank order.
  var exchanges: [ExchangeState]
  /// The digest of the spec without its number of steps, which may grow.
  var specification: String
}
