public import GradientExchange
public import VariationalInequalities

/// Where the wings meet: what the compression wing averages is what solvers step along.
extension QuantizedExchange: DualExchange {
  /// Sends `local` to all workers and returns the average of what all decode.
  public mutating func exchange(_ local: DualVector, step: UInt64) throws(ExchangeError) -> DualAverage {
    let exchanged = try average(local, step: step)
    return DualAverage(
      mean: exchanged.mean, workers: group.worldSize, squaredNorms: exchanged.squaredNorms,
      squaredChanges: exchanged.squaredChanges)
  }
}
