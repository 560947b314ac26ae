import EntropyCoding
import LaminaNumerics
import Quantization

/// Statistics from a peer encode to the same bytes again, pool, and give levels and steps, or say why not.
enum StatisticsLaw {
  static func check(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let method = bytes.pick(AdaptationMethod.allCases)
    let levels = bytes.levels()
    let encoded = bytes.remainder()
    if let histogram = try? MagnitudeHistogram(decoding: encoded[...]) { try check(histogram) }
    let estimate: ChosenEstimate
    do { estimate = try ChosenEstimate(decoding: encoded[...]) } catch {
      try hold(!error.description.isEmpty, "An error says nothing")
      return
    }
    try again(estimate.encoded()) { (bytes) throws(StatisticsError) in try ChosenEstimate(decoding: bytes).encoded() }
    try adapt(levels, by: method, to: estimate)
    var pooled = estimate
    pooled.merge(estimate)
    _ = pooled.encoded()
    try adapt(levels, by: method, to: pooled)
  }

  private static func check(_ histogram: MagnitudeHistogram) throws(BrokenLaw) {
    try again(histogram.encoded()) { (bytes) throws(StatisticsError) in
      try MagnitudeHistogram(decoding: bytes).encoded()
    }
    var pooled = histogram
    pooled.merge(histogram)
    try hold(pooled.count.isFinite && pooled.rootMeanSquare.isFinite, "Coordinates have no number or no size")
    guard !pooled.isEmpty else { return }
    let part = ReverseWaterFilling.Part(type: .linear, coordinates: 1000, statistics: pooled)
    guard let filling = try? ReverseWaterFilling([part]) else {
      throw BrokenLaw(description: "Statistics that are not empty hold nothing")
    }
    for bits in [0.1, 3, 20] {
      guard let allocation = try? filling.allocation(within: ModelBudget(bitsPerCoordinate: bits)) else {
        throw BrokenLaw(description: "A budget without overhead is too small")
      }
      for share in allocation.shares {
        try hold(share.step > 0 && share.step.isFinite, "A step is \(share.step)")
        try hold(share.bitsPerCoordinate <= bits, "\(share.bitsPerCoordinate) bits are more than \(bits)")
      }
    }
  }

  /// Encoding may round, but only once.
  private static func again(
    _ first: [UInt8], _ decodeAndEncode: (ArraySlice<UInt8>) throws(StatisticsError) -> [UInt8]
  ) throws(BrokenLaw) {
    let second: [UInt8]
    do { second = try decodeAndEncode(first[...]) } catch {
      throw BrokenLaw(description: "What was encoded is refused: \(error)")
    }
    try hold(first == second, "What was decoded encodes to other bytes")
  }

  private static func adapt(
    _ levels: Levels, by method: AdaptationMethod, to estimate: ChosenEstimate
  ) throws(BrokenLaw) {
    // The exact program takes a time that grows with the number of levels.
    guard method != .optimal || levels.count <= 8 else { return }
    guard let law = try? estimate.distribution(on: levels.areSigned ? estimate.support : .magnitudes),
      let adapted = try? method.fit(levels, to: law)
    else { return }
    try hold(adapted.count == levels.count && adapted.areSigned == levels.areSigned, "Levels have changed their form")
    let probabilities = adapted.symbolProbabilities(under: law)
    try hold(probabilities.allSatisfy { $0 >= 0 && $0.isFinite }, "A symbol has the probability \(probabilities)")
    let distribution = SymbolDistribution(probabilities: probabilities)
    try hold(distribution.symbolCount == adapted.count, "A level has no symbol")
  }
}
