/// The exchange of K workers whose dual vectors come as one stack.
///
/// The counterpart of ``StackedOracle``, and the exact reference for exchanges between real workers: sums run in double
/// precision in rank order, and the mean is rounded once.
public struct StackedExchange: DualExchange, Sendable, Codable {
  /// K, the number of workers in a stack.
  public let workers: Int

  private var previous: DualVector = []

  /// An exchange that has seen nothing.
  ///
  /// - Parameter workers: K, at least 1.
  public init(workers: Int) {
    precondition(workers > 0, "A stack needs at least one worker")
    self.workers = workers
  }

  /// The average of the K vectors in `local`.
  ///
  /// - Parameters:
  ///   - local: K vectors of d coordinates, one after the other.
  ///   - step: Ignored: nothing is random.
  /// - Returns: Their mean, of d coordinates, with the tallies over workers.
  public mutating func exchange(_ local: DualVector, step: UInt64) -> DualAverage {
    precondition(local.count.isMultiple(of: workers), "A stack holds one vector per worker")
    let dimension = local.count / workers
    var mean = DualVector(repeating: 0, count: dimension)
    for i in 0..<dimension {
      var sum = 0.0
      for rank in 0..<workers { sum += Double(local[rank * dimension + i]) }
      mean[i] = Float(sum / Double(workers))
    }
    let norms = local.squaredNorm
    let changes = previous.isEmpty ? norms : local.squaredDistance(to: previous)
    previous = local
    return DualAverage(mean: mean, workers: workers, squaredNorms: norms, squaredChanges: changes)
  }
}
