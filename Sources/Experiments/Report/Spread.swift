/// A mean over runs, with the spread between them.
public struct Spread: Hashable, Sendable, Codable {
  /// The mean.
  public let mean: Double
  /// The standard deviation of the runs (divisor n - 1); nil for a single run.
  public let deviation: Double?
  /// The runs that have the figure.
  public let runs: Int

  /// The spread of some values, or nil when there are none.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    runs = values.count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
  }
}
