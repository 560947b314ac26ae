import LaminaNumerics

/// K workers' oracles in one thread: a sample is their K dual vectors, one after the other in rank order.
///
/// With ``StackedExchange`` any solver runs as K workers do, with the same tallies and without threads. A run of K real
/// workers, each with its own oracle and an exchange that rounds nothing, makes the same steps.
public struct StackedOracle<Base: Oracle>: Oracle {
  /// The workers' oracles in rank order.
  public private(set) var workers: [Base]

  /// Stacks `workers`.
  ///
  /// - Parameter workers: At least one oracle, each folding its own rank into the keys it is given.
  public init(_ workers: [Base]) {
    precondition(!workers.isEmpty, "A stack needs at least one worker")
    self.workers = workers
  }

  /// The K dual vectors at `x`.
  ///
  /// - Parameters:
  ///   - x: The point to query, of d coordinates.
  ///   - key: The name of this query, handed to every worker.
  /// - Returns: K·d coordinates.
  public mutating func sample(at x: Point, key: RandomKey) -> DualVector {
    var stacked = DualVector()
    stacked.reserveCapacity(x.count * workers.count)
    for rank in workers.indices { stacked += workers[rank].sample(at: x, key: key) }
    return stacked
  }

  /// Projects on the feasible set of the first worker; all workers share it.
  ///
  /// - Parameter x: The point to project.
  public func project(_ x: inout Point) { workers[0].project(&x) }
}
