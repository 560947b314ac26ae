/// A rule for the two step sizes of optimistic methods: γ of the lookahead and η of the step itself.
public protocol StepSizes: Sendable {
  /// The sums that the rule accumulates.
  associatedtype Memory: Sendable, Codable

  /// The memory before the first step.
  ///
  /// - Returns: Empty sums.
  func initialMemory() -> Memory

  /// γ₁ and η₁, in force before anything was exchanged.
  var first: (lookahead: Double, anchor: Double) { get }

  /// γₜ₊₁ and ηₜ₊₁, called once in step t after its exchange.
  ///
  /// - Parameters:
  ///   - memory: The sums over the steps before.
  ///   - average: What step t exchanged.
  ///   - movement: ‖Xₜ − Xₜ₋₁‖², what the step *before* moved; 0 in the first step.
  /// - Returns: The step sizes of step t + 1.
  func next(
    _ memory: inout Memory, after average: DualAverage, movement: Double
  ) -> (lookahead: Double, anchor: Double)
}
