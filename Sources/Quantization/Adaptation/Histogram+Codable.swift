extension Histogram {
  private enum CodingKeys: CodingKey { case weighting, support, weights, moments }

  /// Reads what ``encode(to:)`` wrote.
  ///
  /// - Parameter decoder: The source.
  /// - Throws: A `DecodingError`, also where the number of bins is not that of the support.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      weighting: try container.decode(NormWeighting.self, forKey: .weighting),
      support: try container.decode(CoordinateSupport.self, forKey: .support))
    let weights = try container.decode([Double].self, forKey: .weights)
    let moments = try container.decode([Double].self, forKey: .moments)
    guard weights.count == sums.count, moments.count == sums.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .weights, in: container, debugDescription: "a histogram of \(support) has \(sums.count) bins")
    }
    for index in sums.indices { sums[index] = SIMD2(weights[index], moments[index]) }
  }

  /// Writes Σw and Σwr as two arrays, which checkpoints store as blocks.
  ///
  /// - Parameter encoder: The target.
  /// - Throws: What the target throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(weighting, forKey: .weighting)
    try container.encode(support, forKey: .support)
    try container.encode(sums.map(\.x), forKey: .weights)
    try container.encode(sums.map(\.y), forKey: .moments)
  }
}
