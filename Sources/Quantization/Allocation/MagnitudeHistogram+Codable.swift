extension MagnitudeHistogram: Codable {
  private enum CodingKeys: CodingKey { case zeros, counts, moments }

  /// Reads what ``encode(to:)`` wrote.
  ///
  /// - Parameter decoder: The source.
  /// - Throws: A `DecodingError`, also where a number is one that no histogram holds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    zeroCount = try container.decode(Int.self, forKey: .zeros)
    let counts = try container.decode([Double].self, forKey: .counts)
    let moments = try container.decode([Double].self, forKey: .moments)
    let isValid =
      zeroCount >= 0 && counts.count == MagnitudeBins.count && moments.count == MagnitudeBins.count
      && (counts + moments).allSatisfy { $0 >= 0 && $0.isFinite }
    guard isValid else {
      throw DecodingError.dataCorruptedError(
        forKey: .counts, in: container,
        debugDescription: "a magnitude histogram has \(MagnitudeBins.count) finite counts and moments of at least 0")
    }
    for index in counts.indices { sums[index] = SIMD2(counts[index], moments[index]) }
  }

  /// Writes counts and Σ|v| as two arrays, which checkpoints store as blocks.
  ///
  /// - Parameter encoder: The target.
  /// - Throws: What the target throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(zeroCount, forKey: .zeros)
    try container.encode(sums[..<MagnitudeBins.count].map(\.x), forKey: .counts)
    try container.encode(sums[..<MagnitudeBins.count].map(\.y), forKey: .moments)
  }
}
