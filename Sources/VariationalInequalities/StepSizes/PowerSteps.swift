import RealModule

/// Step sizes that fall as fixed powers of t: γₜ = γ t^(−a), ηₜ = η t^(−b).
///
/// The non-adaptive schedules of OptDA+ and OG+ (arXiv 2206.06015): under additive noise γ of order t^(−¼) and η of
/// order t^(−½).
public struct PowerSteps: StepSizes, Hashable, Codable {
  /// γ, the first step size of the lookahead.
  public let lookahead: Double

  /// η, the first step size of the step itself.
  public let anchor: Double

  /// a, the exponent of the lookahead's decay.
  public let lookaheadExponent: Double

  /// b, the exponent of the step's decay.
  public let anchorExponent: Double

  /// The schedule with the given constants.
  ///
  /// - Parameters:
  ///   - lookahead: γ ≥ 0.
  ///   - anchor: η > 0.
  ///   - lookaheadExponent: a ≥ 0.
  ///   - anchorExponent: b ≥ a.
  public init(lookahead: Double, anchor: Double, lookaheadExponent: Double = 0.25, anchorExponent: Double = 0.5) {
    precondition(lookahead >= 0 && lookahead.isFinite, "The lookahead step must not be negative")
    precondition(anchor > 0 && anchor.isFinite, "The step must be positive")
    precondition(
      lookaheadExponent >= 0 && anchorExponent >= lookaheadExponent && anchorExponent.isFinite,
      "The lookahead must not fall faster than the step")
    self.lookahead = lookahead
    self.anchor = anchor
    self.lookaheadExponent = lookaheadExponent
    self.anchorExponent = anchorExponent
  }

  /// No step done.
  ///
  /// - Returns: 1, the number of the first step.
  public func initialMemory() -> UInt64 { 1 }

  /// γ and η.
  public var first: (lookahead: Double, anchor: Double) { (lookahead, anchor) }

  /// Counts one step and returns the sizes of the next.
  ///
  /// - Parameters:
  ///   - memory: t.
  ///   - average: Ignored.
  ///   - movement: Ignored.
  /// - Returns: γₜ₊₁ and ηₜ₊₁.
  public func next(
    _ memory: inout UInt64, after average: DualAverage, movement: Double
  ) -> (lookahead: Double, anchor: Double) {
    memory += 1
    let t = Double(memory)
    return (lookahead * Double.pow(t, -lookaheadExponent), anchor * Double.pow(t, -anchorExponent))
  }
}
