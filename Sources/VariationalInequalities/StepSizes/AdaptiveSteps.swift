/// One step size for both uses, which adapts to the variation of the dual vectors.
///
/// ηₜ = γₜ = η₀ (λ₀ + Σ_{s<t} Σₖ ‖V̂ₖ,ₛ₊½ − V̂ₖ,ₛ₋½‖²/K²)^(−½), arXiv 2505.14371, eq. (4), with η₀ = λ₀ = 1 in the paper.
/// The leading constant makes the first steps depend on the scale of the operator: λ₀ near ‖V̂₁‖² removes that.
public struct AdaptiveSteps: StepSizes, Hashable, Codable {
  /// η₀, the factor of both step sizes.
  public let scale: Double

  /// λ₀, the sum before anything was seen.
  public let leadingConstant: Double

  /// The rule with the given constants.
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

  /// The sum under the root, λ₀ before anything was seen.
  ///
  /// - Returns: λ₀.
  public func initialMemory() -> Double { leadingConstant }

  /// η₀/√λ₀ for both.
  public var first: (lookahead: Double, anchor: Double) { sizes(leadingConstant) }

  /// Adds Σₖ ‖V̂ₖ,ₜ₊½ − V̂ₖ,ₜ₋½‖²/K² and returns the new sizes.
  ///
  /// - Parameters:
  ///   - memory: The sum under the root.
  ///   - average: What step t exchanged.
  ///   - movement: Ignored.
  /// - Returns: Twice the same size.
  public func next(
    _ memory: inout Double, after average: DualAverage, movement: Double
  ) -> (lookahead: Double, anchor: Double) {
    memory += average.squaredChanges / Double(average.workers * average.workers)
    return sizes(memory)
  }

  private func sizes(_ sum: Double) -> (lookahead: Double, anchor: Double) {
    let size = scale / sum.squareRoot()
    return (size, size)
  }
}
