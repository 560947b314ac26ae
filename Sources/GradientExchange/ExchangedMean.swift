/// What an exchange tells beside the mean: what adaptive step sizes and reports need.
public struct ExchangeTally: Sendable {
  /// Σₖ ‖V̂ₖ‖².
  public var squaredNorms = 0.0
  /// Σₖ ‖V̂ₖ − V̂ₖ′‖², V̂ₖ′ worker k's vector of the exchange before.
  public var squaredChanges = 0.0
  /// ‖V̂ − V‖² of this rank.
  public var squaredError = 0.0
  /// ‖V‖² of this rank.
  public var squaredNorm = 0.0
  /// Buckets of this rank that travelled exactly because of their values.
  public var exactBuckets = 0
}

/// The mean of the workers' decoded vectors, with its tally.
@dynamicMemberLookup
public struct ExchangedMean: Sendable {
  /// (1/K) Σₖ V̂ₖ, summed in rank order.
  public var mean: [Float]
  /// What goes with it.
  public var tally: ExchangeTally

  /// A part of the tally.
  public subscript<Part>(dynamicMember part: KeyPath<ExchangeTally, Part>) -> Part { tally[keyPath: part] }
}
