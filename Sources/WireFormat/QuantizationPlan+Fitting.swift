package import Quantization

extension QuantizationPlan {
  /// This plan with levels and code tables fitted to what one vector holds.
  ///
  /// A type of which nothing can be observed, because all its buckets are zero or not finite, keeps its levels. Code
  /// tables are made for the symbols as they occur, every bucket counting the same, however buckets count for the levels.
  ///
  /// - Parameters:
  ///   - values: As many coordinates as the layer map has.
  ///   - method: How levels follow from the law of the coordinates.
  ///   - weighting: How much a bucket counts.
  /// - Returns: A plan with the same quantizers and codes otherwise; this one where nothing needs to be fitted.
  /// - Throws: An `AdaptationError` where the method has no levels of this form, or a `PlanError`.
  package func fitted(
    to values: [Float], method: AdaptationMethod, weighting: NormWeighting = .squaredNorm
  ) throws -> QuantizationPlan {
    let needsTables = plans.values.contains { $0.code?.distribution != nil }
    guard needsTables || method != .fixed else { return self }
    var changed: [LayerType: (quantizer: LevelQuantizer, probabilities: [Double])] = [:]
    let occurrences = needsTables && weighting != .unweighted ? observe(values, weighting: .unweighted) : [:]
    for (type, statistics) in observe(values, weighting: weighting) {
      guard let quantizer = plans[type]?.quantizer, let law = try? statistics.distribution() else { continue }
      let levels = try method.fit(quantizer.levels, to: law)
      let symbols = try? occurrences[type]?.distribution()
      changed[type] = (quantizer.with(levels: levels), levels.symbolProbabilities(under: symbols ?? law))
    }
    return try QuantizationPlan(
      map: map, plans: plans.merging(replanned(changed)) { $1 }, coding: coding, seed: seed)
  }

  /// The histograms of all types with levels.
  private func observe(_ values: [Float], weighting: NormWeighting) -> [LayerType: Histogram] {
    var statistics: [LayerType: Histogram] = [:]
    let shared = vectorNorm.map { norm in
      norm.combining(
        map.layers.filter { plans[$0.type]?.quantizer?.scope == .vector }.map { norm(values.span.extracting($0.range)) }
      )
    }
    for layer in map.layers {
      guard let quantizer = plans[layer.type]?.quantizer else { continue }
      let empty = Histogram(weighting: weighting, support: quantizer.levels.coordinateSupport)
      statistics[layer.type, default: empty].observe(
        values.span.extracting(layer.range), quantizer: quantizer, sharedNorm: shared)
    }
    return statistics
  }
}
