/// Statistics of normalised vectors that pool over buckets, layers and workers.
///
/// *Laws:*
/// - Merging an empty value changes nothing, and merging is a pure function of the two values: pooled in rank order, the
///   same encoded messages give the same bits everywhere.
/// - `init(decoding:)` never traps and allocates within fixed bounds; it throws unless every field is possible.
/// - Decoding what `encoded()` made gives a value that encodes to the same bytes again. Encoding may round; so each
///   worker pools the decoded form of its own message too.
public protocol SufficientStatistics: Sendable {
  /// Empty statistics in their default configuration.
  init()

  /// Adds one bucket.
  ///
  /// A bucket whose norm is zero or not finite is skipped: the first has no direction, the second travels exactly.
  ///
  /// - Parameters:
  ///   - unit: The signed normalised coordinates v/‖v‖, each from −1 to 1; what lies outside by rounding is clamped.
  ///   - norm: ‖v‖.
  mutating func observe(_ unit: Span<Float>, norm: Float)

  /// Whether `other` has the same configuration, so that both can be pooled; check it on what a peer sent.
  ///
  /// - Parameter other: Statistics of the same type.
  /// - Returns: Whether ``merge(_:)`` accepts `other`.
  func isMergeable(with other: Self) -> Bool

  /// Adds everything that `other` has observed.
  ///
  /// - Parameter other: Statistics of the same configuration.
  /// - Precondition: ``isMergeable(with:)``.
  mutating func merge(_ other: Self)

  /// Reads what ``encoded()`` wrote.
  ///
  /// - Parameter bytes: One encoded value, nothing before or after it.
  /// - Throws: ``StatisticsError`` on anything else.
  init(decoding bytes: ArraySlice<UInt8>) throws(StatisticsError)

  /// The bytes that a worker sends.
  ///
  /// - Returns: A compact, platform-independent form, little endian.
  func encoded() -> [UInt8]
}

/// Why bytes are not statistics.
public enum StatisticsError: Error, Hashable, Sendable {
  /// The bytes end before the value does.
  case truncated
  /// The first byte names other statistics than the expected ones.
  case wrongKind(found: UInt8, expected: UInt8)
  /// A field holds a value that no encoder writes.
  case invalidField(Field)
  /// Bytes follow the end of the value.
  case trailingBytes(count: Int)

  /// The name of a field of the encoding.
  public enum Field: String, Hashable, Sendable {
    case version, weighting, support, scale, bin, weight, mean, deviation, norm, capacity, order, count, range
  }
}

extension StatisticsError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .truncated: "The statistics end too early."
    case .wrongKind(let found, let expected): "Statistics of kind \(found) arrived where kind \(expected) was expected."
    case .invalidField(let field): "The statistics hold an impossible \(field.rawValue)."
    case .trailingBytes(let count): "\(count) bytes follow the end of the statistics."
    }
  }
}
