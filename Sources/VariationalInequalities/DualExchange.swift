/// The mean of the workers' dual vectors, with the two sums over workers that adaptive step sizes are made of.
///
/// V̂ₖ below is worker k's vector as every worker decodes it, the sender included.
public struct DualAverage: Sendable {
  /// (1/K) Σₖ V̂ₖ.
  public var mean: DualVector

  /// K, the number of workers.
  public var workers: Int

  /// Σₖ ‖V̂ₖ‖², summed over workers before any division.
  public var squaredNorms: Double

  /// Σₖ ‖V̂ₖ − V̂ₖ′‖², where V̂ₖ′ is what worker k sent in the exchange before, and zero in the first one.
  public var squaredChanges: Double

  /// Gathers the four numbers of an exchange.
  ///
  /// - Parameters:
  ///   - mean: (1/K) Σₖ V̂ₖ.
  ///   - workers: K, at least 1.
  ///   - squaredNorms: Σₖ ‖V̂ₖ‖².
  ///   - squaredChanges: Σₖ ‖V̂ₖ − V̂ₖ′‖².
  public init(mean: DualVector, workers: Int, squaredNorms: Double, squaredChanges: Double) {
    precondition(workers > 0, "An average needs at least one worker")
    self.mean = mean
    self.workers = workers
    self.squaredNorms = squaredNorms
    self.squaredChanges = squaredChanges
  }
}

/// How the workers of a run combine their dual vectors.
///
/// Law: all workers receive the same average, bit for bit. An exchange remembers the vectors of its previous call, so a
/// resumed run restores it together with the solver's state.
public protocol DualExchange {
  /// Why an exchange may fail; `Never` when nothing leaves the process.
  associatedtype Failure: Error

  /// Sends `local` to all workers and returns the average of what all sent.
  ///
  /// - Parameters:
  ///   - local: This worker's dual vector.
  ///   - step: The number of exchanges before this one in the run; it names the randomness of a quantizer.
  /// - Returns: The average and its tallies.
  /// - Throws: The exchange's failure; the exchange may then be repeated with the same arguments.
  mutating func exchange(_ local: DualVector, step: UInt64) throws(Failure) -> DualAverage
}
