/// The learning rate of every coordinate: one for all, or one for each run of coordinates.
///
/// ```swift
/// let rates: LearningRates = 1e-3
/// let perPlayer = LearningRates([(0..<generator, 2e-4), (generator..<dimension, 5e-4)])
/// ```
public struct LearningRates: Hashable, Sendable, Codable {
  /// Coordinates that share a rate.
  public struct Group: Hashable, Sendable, Codable {
    /// One past the group's last coordinate; the group starts where the one before it ends.
    public let end: Int
    /// The learning rate.
    public let rate: Double
  }

  /// The groups in order of coordinates; the last one extends to the end of the vector.
  public let groups: [Group]

  /// One rate for all coordinates.
  ///
  /// - Parameter rate: The learning rate, positive.
  public init(_ rate: Double) { self.init(checking: [Group(end: .max, rate: rate)]) }

  /// A rate for each range of coordinates.
  ///
  /// - Parameter groups: Ranges that follow one another from 0 without gaps, each with its rate; together they cover the
  ///   vector.
  public init(_ groups: [(range: Range<Int>, rate: Double)]) {
    precondition(!groups.isEmpty, "Learning rates need at least one group")
    var position = 0
    for group in groups {
      precondition(group.range.lowerBound == position, "Groups of learning rates must follow one another from 0")
      position = group.range.upperBound
    }
    self.init(checking: groups.map { Group(end: $0.range.upperBound, rate: $0.rate) })
  }

  private init(checking groups: [Group]) {
    for group in groups {
      precondition(group.rate > 0 && group.rate.isFinite, "A learning rate must be positive")
    }
    self.groups = groups
  }

  /// Calls `body` with every group's coordinates and rate.
  func forEach(dimension: Int, _ body: (Range<Int>, Double) -> Void) {
    var position = 0
    for group in groups {
      let end = group.end == .max ? dimension : group.end
      precondition(end <= dimension, "Learning rates cover more coordinates than there are")
      body(position..<end, group.rate)
      position = end
    }
    precondition(position == dimension, "Learning rates must cover all coordinates")
  }
}

extension LearningRates: ExpressibleByFloatLiteral {
  /// One rate for all coordinates.
  ///
  /// - Parameter value: The learning rate, positive.
  public init(floatLiteral value: Double) { self.init(value) }
}
