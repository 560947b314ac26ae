import RealModule

/// One step for all layers: how dithered quantizers divide a budget of bits.
///
/// Minimise Σ wₗdₗΔₗ²/12 subject to Σ dₗRₗ(Δₗ) = B. At high rate dRₗ/d ln Δₗ is the same constant for all layers, hence
/// Δₗ = Δ/√wₗ: with equal weights one step serves all layers, and rates follow the scales of the layers without any
/// search. It is the high-rate form of reverse water-filling. Layers far below the water still travel, at the few bits
/// that they need to stay unbiased.
///
/// ## Laws
/// - The expected bits never exceed the budget.
/// - The weighted error never exceeds that of the default, equal rates for all types, at the same budget: where
///   high-rate theory fails (laws with few distinct magnitudes, or almost no bits) the default itself is returned.
public struct ReverseWaterFilling: Hashable, Sendable {
  /// A layer type and what is known of it.
  public struct Part: Hashable, Sendable {
    /// The layer type.
    public var type: LayerType
    /// dₗ, how many coordinates of the model are of this type.
    public var coordinates: Int
    /// The magnitudes of its coordinates, over any number of steps and workers.
    public var statistics: MagnitudeHistogram
    /// wₗ, how much a squared error in this type counts.
    public var weight: Double

    /// A layer type and what is known of it.
    ///
    /// - Parameters:
    ///   - type: The layer type.
    ///   - coordinates: How many coordinates of the model are of this type, at least 1.
    ///   - statistics: The magnitudes of its coordinates, over any number of steps and workers.
    ///   - weight: How much a squared error in this type counts, positive and finite.
    public init(type: LayerType, coordinates: Int, statistics: MagnitudeHistogram, weight: Double = 1) {
      precondition(coordinates > 0, "A layer type has coordinates")
      precondition(weight > 0 && weight.isFinite, "A weight is positive and finite, not \(weight)")
      self.type = type
      self.coordinates = coordinates
      self.statistics = statistics
      self.weight = weight
    }
  }

  private struct Source: Hashable {
    let part: Part
    let law: MagnitudeLaw
    let scale: Double
  }

  private let sources: [Source]
  private let coordinates: Int

  /// The layer types that share a budget.
  ///
  /// - Parameter parts: At least one type.
  /// - Throws: ``AllocationError/noObservations(_:)`` where statistics are empty.
  public init(_ parts: [Part]) throws(AllocationError) {
    precondition(!parts.isEmpty, "A budget is divided among at least one layer type")
    let empty = parts.filter(\.statistics.isEmpty).map(\.type)
    guard empty.isEmpty else { throw .noObservations(empty) }
    sources = parts.map { Source(part: $0, law: $0.statistics.law, scale: 1 / $0.weight.squareRoot()) }
    coordinates = parts.reduce(0) { $0 + $1.coordinates }
  }

  /// The steps that spend a budget.
  ///
  /// - Parameter budget: Bits per coordinate of the whole model.
  /// - Returns: One step over the square roots of the weights; or the default, where that has less weighted error.
  /// - Throws: ``AllocationError/budgetTooSmall(bits:least:)`` where the fixed bits leave nothing.
  public func allocation(within budget: ModelBudget) throws(AllocationError) -> StepAllocation {
    let bits = budget.bits(forQuantized: coordinates)
    guard bits > 0 else {
      throw .budgetTooSmall(bits: budget.bitsPerCoordinate, least: budget.rate(ofQuantized: coordinates, bits: 0))
    }
    let common = allocation(step: commonStep(bits: bits), budget: budget)
    let equal = equalRates(within: budget, bits: bits / Double(coordinates))
    return weightedError(of: common) <= weightedError(of: equal) ? common : equal
  }

  /// The common step that gives a relative error: NMSE = Σ dₗΔₗ²/12 over Σ dₗ E vₗ², exactly, whatever the laws are.
  ///
  /// - Parameters:
  ///   - relativeError: E‖Q(v) − v‖² over E‖v‖², positive and finite.
  ///   - budget: Only its exact coordinates and its overhead count, for the rate reported.
  /// - Returns: One step over the square roots of the weights.
  public func allocation(
    relativeError: Double, budget: ModelBudget = ModelBudget(bitsPerCoordinate: 32)
  ) -> StepAllocation {
    precondition(relativeError > 0 && relativeError.isFinite, "A relative error is positive and finite")
    let norm = sources.reduce(0) { $0 + Double($1.part.coordinates) * $1.law.meanSquare }
    // Types of zeros make no error, whatever their step.
    let weights = sources.reduce(0) { $0 + ($1.law.meanSquare > 0 ? Double($1.part.coordinates) / $1.part.weight : 0) }
    let step = norm > 0 ? (12 * relativeError * norm / weights).squareRoot() : 1
    return allocation(step: step, budget: budget)
  }

  /// The least step whose symbols fit into `bits`; 1 if there is nothing but zeros.
  private func commonStep(bits: Double) -> Double {
    let leasts = sources.compactMap { source in source.law.leastStep.map { $0 / source.scale } }
    guard let least = leasts.min() else { return 1 }
    let total = Double(coordinates)
    // The step that each type would take alone, averaged in its logarithm.
    let octave = sources.reduce(0) { sum, source in
      guard source.law.meanSquare > 0 else { return sum }
      let alone = source.law.highRateStep(bits: bits / total) / source.scale
      return sum + Double(source.part.coordinates) / total * Double.log2(alone)
    }
    return StepSearch(least: least).step(of: bits / total, near: Double.exp2(octave)) { step in
      sources.reduce(0) { $0 + Double($1.part.coordinates) * $1.law.entropyBits(step: step * $1.scale) } / total
    }
  }

  private func allocation(step: Double, budget: ModelBudget) -> StepAllocation {
    let shares = sources.map { share(of: $0, step: step * $0.scale) }
    return StepAllocation(rule: .commonStep, commonStep: step, shares: shares, budget: budget)
  }

  private func equalRates(within budget: ModelBudget, bits: Double) -> StepAllocation {
    let shares = sources.map { share(of: $0, step: $0.law.step(bits: bits) ?? 1) }
    return StepAllocation(rule: .equalRates, commonStep: nil, shares: shares, budget: budget)
  }

  private func share(of source: Source, step: Double) -> StepAllocation.Share {
    StepAllocation.Share(
      type: source.part.type, coordinates: source.part.coordinates, step: step,
      bitsPerCoordinate: source.law.entropyBits(step: step),
      squaredError: source.law.meanSquare > 0 ? step * step / 12 : 0, meanSquare: source.law.meanSquare)
  }

  private func weightedError(of allocation: StepAllocation) -> Double {
    zip(sources, allocation.shares).reduce(0) { sum, pair in
      sum + pair.0.part.weight * Double(pair.1.coordinates) * pair.1.squaredError
    }
  }
}
