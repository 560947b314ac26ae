import RealModule

/// An aggressive lookahead and a conservative step: the rule (Alt) of arXiv 2505.14371.
///
/// With Nₛ = Σₖ ‖V̂ₖ,ₛ₊½‖²/K²:
///
/// - γₜ = η₀ (λ₀ + Σ_{s≤t−2} Nₛ)^(q̂−½),
/// - ηₜ = η₀ (λ₀ + Σ_{s≤t−2} (Nₛ + ‖Xₛ − Xₛ₊₁‖²))^(−½).
///
/// At step t the terms of step t − 1 are not yet used, hence γ₁ = γ₂ and η₁ = η₂. For λ₀ ≥ 1, γₜ ≥ ηₜ. With one worker
/// this is the adaptive form of OptDA+ (arXiv 2206.06015).
public struct SeparatedSteps: StepSizes, Hashable, Codable {
  /// Both sums up to the step before the last, and what the last step added.
  public struct Memory: Sendable, Codable, Hashable {
    var norms: Double
    var movements: Double
    var delayedNorm: Double
  }

  /// q̂, how much slower γ falls than η.
  public let exponent: Double

  /// η₀, the factor of both step sizes.
  public let scale: Double

  /// λ₀, both sums before anything was seen.
  public let leadingConstant: Double

  /// The rule with the given constants.
  ///
  /// - Parameters:
  ///   - exponent: q̂ in (0, ¼].
  ///   - scale: η₀ > 0.
  ///   - leadingConstant: λ₀ > 0, in squared units of the dual vector.
  public init(exponent: Double = 0.25, scale: Double = 1, leadingConstant: Double = 1) {
    precondition(exponent > 0 && exponent <= 0.25, "The exponent of separated step sizes lies in (0, 1/4]")
    precondition(scale > 0 && scale.isFinite, "The scale of step sizes must be positive")
    precondition(leadingConstant > 0 && leadingConstant.isFinite, "The leading constant must be positive")
    self.exponent = exponent
    self.scale = scale
    self.leadingConstant = leadingConstant
  }

  /// Sums that hold λ₀ alone.
  ///
  /// - Returns: The memory before the first step.
  public func initialMemory() -> Memory { Memory(norms: leadingConstant, movements: 0, delayedNorm: 0) }

  /// γ₁ and η₁: η₀ for both if λ₀ = 1.
  public var first: (lookahead: Double, anchor: Double) { sizes(initialMemory()) }

  /// Adds the terms of step t − 1, keeps those of step t for the next call, and returns the new sizes.
  ///
  /// - Parameters:
  ///   - memory: The sums up to step t − 2.
  ///   - average: What step t exchanged.
  ///   - movement: ‖Xₜ₋₁ − Xₜ‖².
  /// - Returns: γₜ₊₁ and ηₜ₊₁.
  public func next(
    _ memory: inout Memory, after average: DualAverage, movement: Double
  ) -> (lookahead: Double, anchor: Double) {
    memory.norms += memory.delayedNorm
    memory.movements += movement
    memory.delayedNorm = average.squaredNorms / Double(average.workers * average.workers)
    return sizes(memory)
  }

  private func sizes(_ memory: Memory) -> (lookahead: Double, anchor: Double) {
    (
      scale * Double.pow(memory.norms, exponent - 0.5),
      scale / (memory.norms + memory.movements).squareRoot()
    )
  }
}
