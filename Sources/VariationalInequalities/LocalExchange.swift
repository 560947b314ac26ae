/// The exchange of a single worker: nothing is sent, nothing is rounded.
public struct LocalExchange: DualExchange, Sendable, Codable {
  private var previous: DualVector = []

  /// An exchange that has seen nothing.
  public init() {}

  /// Returns `local` as its own average.
  ///
  /// - Parameters:
  ///   - local: The dual vector.
  ///   - step: Ignored: nothing is random.
  /// - Returns: `local` with the tallies of one worker.
  public mutating func exchange(_ local: DualVector, step: UInt64) -> DualAverage {
    let norm = local.squaredNorm
    let change = previous.isEmpty ? norm : local.squaredDistance(to: previous)
    previous = local
    return DualAverage(mean: local, workers: 1, squaredNorms: norm, squaredChanges: change)
  }
}
