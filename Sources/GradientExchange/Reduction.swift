public import WireFormat

/// How the vectors of K workers become their mean on every worker.
public enum Reduction: String, Hashable, Sendable, Codable, CaseIterable {
  /// Every worker sends its vector to every other: each receives K − 1 vectors, and decodes K. The broadcast of the
  /// papers; fewest messages, and no error but that of the workers' own quantization.
  case allGather = "all-gather"
  /// Every worker reduces one part of the vector: it receives that part from all, and publishes the mean of it. Each
  /// receives 2(K − 1)/K vectors whatever K is. What was rounded to levels is rounded once more, without bias; integers
  /// of dithered layers with a common step travel on as their exact sums.
  case scatterReduce = "scatter-reduce"

  /// Up to so many workers the bytes that a scatter-reduce saves are few, and its second rounding is an error for which
  /// one pays in accuracy.
  private static let gatheringWorkers = 4
  /// Below so many coordinates an exchange takes as long as its messages are many, whatever their length.
  private static let gatheringDimension = 1 << 16

  /// The reduction that suits a group and a plan.
  ///
  /// - Parameters:
  ///   - worldSize: K.
  ///   - plan: What is exchanged.
  /// - Returns: A scatter-reduce for large groups and vectors, where the plan's coding protocol allows it.
  public static func suitable(worldSize: Int, plan: QuantizationPlan) -> Reduction {
    worldSize > gatheringWorkers && plan.map.dimension > gatheringDimension && plan.coding == .main
      ? .scatterReduce : .allGather
  }
}
