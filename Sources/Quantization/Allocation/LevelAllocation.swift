/// Level sequences of different sizes for the layer types of a model, and what they are expected to cost (L-GreCo).
///
/// ```swift
/// let groups = try LevelGroup.groups(of: map, quantizers: quantizers, statistics: pooled)
/// let allocation = try LevelAllocation.leastError(of: groups, within: ModelBudget(bitsPerCoordinate: 4))
/// for share in allocation.shares { print(share.type, share.width, share.relativeError) }
/// ```
///
/// The choice is that of ``AllocationProgram``: exact, and never worse than one width for all types.
public struct LevelAllocation: Hashable, Sendable {
  /// The share of one layer type.
  public struct Share: Hashable, Sendable {
    /// The layer type.
    public let type: LayerType
    /// How many coordinates it has.
    public let coordinates: Int
    /// Its levels.
    public let levels: Levels
    /// The expected bits per coordinate, norms included.
    public let bitsPerCoordinate: Double
    /// E‖Q(v) − v‖² over E‖v‖² of this type; 0 for a type of zeros.
    public let relativeError: Double
    /// The bits of this type over those of all quantized types.
    public let shareOfBits: Double
    /// The squared error of this type over that of all quantized types; 0 where there is none.
    public let shareOfError: Double

    /// The width of a fixed-width field, sign included.
    public var width: Int { levels.fieldWidth }
  }

  /// The layer types, in the order of the groups.
  public let shares: [Share]
  /// The expected bits of everything, over the coordinates of the whole model.
  public let bitsPerCoordinate: Double
  /// E‖Q(v) − v‖² over E‖v‖², over all quantized types.
  public let relativeError: Double

  /// The levels of least error that fit into a budget.
  ///
  /// - Parameters:
  ///   - groups: The layer types and their candidates, at least one.
  ///   - budget: Bits per coordinate of the whole model. Norms are counted with the groups, not with the overhead.
  /// - Returns: Levels whose expected error is at most that of any one width for all that fits.
  /// - Throws: ``AllocationError/budgetTooSmall(bits:least:)``.
  public static func leastError(
    of groups: [LevelGroup], within budget: ModelBudget
  ) throws(AllocationError) -> LevelAllocation {
    let program = LevelAllocation.program(groups)
    let coordinates = groups.reduce(0) { $0 + $1.coordinates }
    let bits = budget.bits(forQuantized: coordinates)
    guard let choice = program.leastError(bits: bits, known: defaults(groups)) else {
      let least = groups.reduce(0) { $0 + ($1.candidates.map(\.bits).min() ?? 0) }
      throw .budgetTooSmall(
        bits: budget.bitsPerCoordinate, least: budget.rate(ofQuantized: coordinates, bits: least))
    }
    return LevelAllocation(groups, choice, budget)
  }

  /// The levels of least error among those that need no more bits than fields of one width for all types.
  ///
  /// - Parameters:
  ///   - groups: The layer types and their candidates, at least one.
  ///   - width: The width of the default.
  /// - Returns: Levels whose expected error is at most that of the default.
  /// - Throws: ``AllocationError/noDefault(width:_:)``.
  public static func leastError(
    of groups: [LevelGroup], withinWidth width: Int
  ) throws(AllocationError) -> LevelAllocation {
    let indices = groups.map { $0.index(ofWidth: width) }
    let missing = zip(groups, indices).filter { $0.1 == nil }.map(\.0.type)
    guard missing.isEmpty else { throw .noDefault(width: width, missing) }
    let choice = indices.map { $0 ?? 0 }
    let program = LevelAllocation.program(groups)
    let bits = program.total(of: choice).bits
    let coordinates = groups.reduce(0) { $0 + $1.coordinates }
    return LevelAllocation(
      groups, program.leastError(bits: bits, known: [choice]) ?? choice,
      ModelBudget(bitsPerCoordinate: bits / Double(coordinates)))
  }

  /// The fewest bits at which the error is at most that of one width for all types: the form of L-GreCo.
  ///
  /// - Parameters:
  ///   - groups: The layer types and their candidates, at least one.
  ///   - width: The width of the default.
  ///   - factor: α, how much of the default's error is allowed; at least 1.
  ///   - budget: Only its exact coordinates and its overhead count, for the rate reported.
  /// - Returns: Levels that need at most the bits of the default.
  /// - Throws: ``AllocationError/noDefault(width:_:)``.
  public static func fewestBits(
    of groups: [LevelGroup], asGoodAsWidth width: Int, factor: Double = 1,
    budget: ModelBudget = ModelBudget(bitsPerCoordinate: 32)
  ) throws(AllocationError) -> LevelAllocation {
    precondition(factor >= 1 && factor.isFinite, "α is finite and at least 1, not \(factor)")
    let indices = groups.map { $0.index(ofWidth: width) }
    let missing = zip(groups, indices).filter { $0.1 == nil }.map(\.0.type)
    guard missing.isEmpty else { throw .noDefault(width: width, missing) }
    let choice = indices.map { $0 ?? 0 }
    let program = LevelAllocation.program(groups)
    let error = program.total(of: choice).error * factor
    return LevelAllocation(groups, program.fewestBits(error: error, known: [choice]) ?? choice, budget)
  }

  private static func program(_ groups: [LevelGroup]) -> AllocationProgram {
    AllocationProgram(groups.map { $0.candidates.map { .init(bits: $0.bits, error: $0.squaredError) } })
  }

  /// One width for all, for each width that every group has.
  private static func defaults(_ groups: [LevelGroup]) -> [[Int]] {
    (1...8).compactMap { width in
      let indices = groups.compactMap { $0.index(ofWidth: width) }
      return indices.count == groups.count ? indices : nil
    }
  }

  private init(_ groups: [LevelGroup], _ choice: [Int], _ budget: ModelBudget) {
    let chosen = zip(groups, choice).map { $0.candidates[$1] }
    let bits = chosen.reduce(0) { $0 + $1.bits }
    let error = chosen.reduce(0) { $0 + $1.squaredError }
    let norm = groups.reduce(0) { $0 + $1.squaredNorm }
    shares = zip(groups, chosen).map { group, candidate in
      Share(
        type: group.type, coordinates: group.coordinates, levels: candidate.levels,
        bitsPerCoordinate: candidate.bits / Double(group.coordinates),
        relativeError: group.squaredNorm > 0 ? candidate.squaredError / group.squaredNorm : 0,
        shareOfBits: candidate.bits / bits, shareOfError: error > 0 ? candidate.squaredError / error : 0)
    }
    bitsPerCoordinate = budget.rate(ofQuantized: groups.reduce(0) { $0 + $1.coordinates }, bits: bits)
    relativeError = norm > 0 ? error / norm : 0
  }
}
