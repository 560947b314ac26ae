/// A rule that chooses the levels of a layer type from what was observed of its coordinates.
///
/// *Laws:* the result has as many levels as the input and the same form (magnitudes, mirrored without zero, or signed),
/// and is a pure function of both arguments. A thrown error means: keep the levels in force.
public protocol LevelAdaptation: Sendable {
  /// What the rule needs to know.
  associatedtype Statistics: SufficientStatistics

  /// Empty statistics in the configuration that ``adapt(_:to:)`` expects, such as the weighting by norms.
  ///
  /// - Returns: A value to observe buckets with.
  func emptyStatistics() -> Statistics

  /// New levels.
  ///
  /// - Parameters:
  ///   - levels: The levels in force; they set the count and the form, and are the starting point of iterations.
  ///   - statistics: What was observed, pooled over all workers.
  /// - Returns: Levels of the same count and form.
  /// - Throws: ``AdaptationError`` if the statistics do not determine levels of this form.
  func adapt(_ levels: Levels, to statistics: Statistics) throws(AdaptationError) -> Levels
}

/// Why statistics give no levels; the levels in force then stay.
public enum AdaptationError: Error, Hashable, Sendable {
  /// Nothing with a positive, finite weight was observed.
  case noObservations
  /// Signed, asymmetric levels need statistics that keep the signs.
  case needsSignedStatistics
  /// A rule for symmetric levels met levels that are not symmetric.
  case needsSymmetricLevels
  /// A rule for levels with a zero met levels without one.
  case needsZeroLevel
  /// A rule for levels without a zero met levels with one.
  case needsLevelsWithoutZero
}

extension AdaptationError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .noObservations: "No gradient was observed, so there is nothing to adapt the levels to."
    case .needsSignedStatistics: "Asymmetric levels need statistics of signed coordinates, not of magnitudes."
    case .needsSymmetricLevels: "One multiplier describes symmetric levels only."
    case .needsZeroLevel: "This method adapts levels with a zero level; the levels in force have none."
    case .needsLevelsWithoutZero: "This method adapts levels without a zero level; the levels in force have one."
    }
  }
}

/// The levels never change.
public struct FixedLevels: LevelAdaptation, Hashable {
  /// The rule.
  public init() {}

  /// Statistics that hold nothing.
  public func emptyStatistics() -> NoStatistics { NoStatistics() }

  /// The levels in force.
  ///
  /// - Parameters:
  ///   - levels: The levels in force.
  ///   - statistics: Nothing.
  /// - Returns: `levels`.
  public func adapt(_ levels: Levels, to statistics: NoStatistics) -> Levels { levels }
}

/// What fixed levels need to know: nothing, in no bytes.
public struct NoStatistics: SufficientStatistics, Hashable {
  /// The only value.
  public init() {}

  /// Forgets the bucket.
  public mutating func observe(_ unit: Span<Float>, norm: Float) {}

  /// Always true.
  public func isMergeable(with other: NoStatistics) -> Bool { true }

  /// Changes nothing.
  public mutating func merge(_ other: NoStatistics) {}

  /// Reads no bytes.
  ///
  /// - Parameter bytes: An empty slice.
  /// - Throws: ``StatisticsError/trailingBytes(count:)`` on anything else.
  public init(decoding bytes: ArraySlice<UInt8>) throws(StatisticsError) {
    guard bytes.isEmpty else { throw .trailingBytes(count: bytes.count) }
  }

  /// No bytes.
  public func encoded() -> [UInt8] { [] }
}
