/// Step sizes that never change.
///
/// Under relative noise OptDA+ converges with both constant and η small against γ (arXiv 2206.06015).
public struct ConstantSteps: StepSizes, Hashable, Codable {
  /// Nothing to remember.
  public struct Memory: Sendable, Codable, Hashable {}

  /// γ, the step size of the lookahead.
  public let lookahead: Double

  /// η, the step size of the step itself.
  public let anchor: Double

  /// Two constants.
  ///
  /// - Parameters:
  ///   - lookahead: γ ≥ 0; at most 1/(2L) is safe for past extra-gradient with η = γ, L the operator's modulus.
  ///   - anchor: η > 0.
  public init(lookahead: Double, anchor: Double) {
    precondition(lookahead >= 0 && lookahead.isFinite, "The lookahead step must not be negative")
    precondition(anchor > 0 && anchor.isFinite, "The step must be positive")
    self.lookahead = lookahead
    self.anchor = anchor
  }

  /// The same constant for both.
  ///
  /// - Parameter step: γ = η > 0.
  public init(_ step: Double) { self.init(lookahead: step, anchor: step) }

  /// Nothing.
  ///
  /// - Returns: An empty memory.
  public func initialMemory() -> Memory { Memory() }

  /// γ and η.
  public var first: (lookahead: Double, anchor: Double) { (lookahead, anchor) }

  /// γ and η, whatever was exchanged.
  ///
  /// - Parameters:
  ///   - memory: Empty.
  ///   - average: Ignored.
  ///   - movement: Ignored.
  /// - Returns: γ and η.
  public func next(
    _ memory: inout Memory, after average: DualAverage, movement: Double
  ) -> (lookahead: Double, anchor: Double) { first }
}
