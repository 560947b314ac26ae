/// The dynamic program that picks one option per group: least error within bits, or fewest bits within an error.
///
/// L-GreCo (arXiv 2210.17357) solves it on errors rounded up to 10,000 steps, which can exclude even the default. Here
/// the states are the undominated sums of the options of the first groups, so that nothing is rounded: the program is a
/// multiple-choice knapsack. A state is dropped once the best that the other groups could add to it, options mixed
/// freely, does not beat a choice already known; that leaves few states even for hundreds of groups.
///
/// ## Laws
/// - The choice fits, by the sum of its numbers in the order of the groups.
/// - No choice that fits is better by more than one part in 10⁹, as long as at most 2¹⁶ undominated sums are alive at
///   once; beyond that, of sums that spend almost the same only the best are followed.
/// - It is never worse than a known choice that fits, such as the uniform default.
///
/// *Complexity:* O(groups · options · states · log).
public struct AllocationProgram: Hashable, Sendable {
  /// One way to send a group.
  public struct Option: Hashable, Sendable {
    /// What it costs: bits in all, finite and not negative.
    public var bits: Double
    /// The squared error that it leaves, finite and not negative.
    public var error: Double

    /// One way to send a group.
    public init(bits: Double, error: Double) {
      precondition(
        bits >= 0 && bits.isFinite && error >= 0 && error.isFinite, "Bits and errors are finite and positive")
      self.bits = bits
      self.error = error
    }
  }

  /// The options of each group.
  public let groups: [[Option]]

  /// A program over groups.
  ///
  /// - Parameter groups: At least one group, each with at least one option; the numbers of options may differ.
  public init(_ groups: [[Option]]) {
    precondition(!groups.isEmpty && groups.allSatisfy { !$0.isEmpty }, "Every group has an option")
    self.groups = groups
  }

  /// The choice of least error that needs at most `bits`.
  ///
  /// - Parameters:
  ///   - bits: The budget, over all groups.
  ///   - known: Choices to start from; those that do not fit are ignored.
  /// - Returns: The index of an option for each group; nil if even the cheapest options need more.
  public func leastError(bits: Double, known: [[Int]] = []) -> [Int]? {
    KnapsackSearch(groups.map { $0.map { (spent: $0.bits, lost: $0.error) } }, limit: bits, known: known).solve()
  }

  /// The choice of fewest bits that leaves at most `error`: the form of L-GreCo.
  ///
  /// - Parameters:
  ///   - error: The largest squared error, over all groups.
  ///   - known: Choices to start from; those that do not fit are ignored.
  /// - Returns: The index of an option for each group; nil if even the finest options leave more.
  public func fewestBits(error: Double, known: [[Int]] = []) -> [Int]? {
    KnapsackSearch(groups.map { $0.map { (spent: $0.error, lost: $0.bits) } }, limit: error, known: known).solve()
  }

  /// The bits and the error of a choice.
  ///
  /// - Parameter choice: The index of an option for each group.
  /// - Returns: The sums over the groups, in their order.
  public func total(of choice: [Int]) -> Option {
    precondition(choice.count == groups.count, "A choice has one option per group")
    return zip(groups, choice).reduce(Option(bits: 0, error: 0)) { sum, pair in
      Option(bits: sum.bits + pair.0[pair.1].bits, error: sum.error + pair.0[pair.1].error)
    }
  }
}
