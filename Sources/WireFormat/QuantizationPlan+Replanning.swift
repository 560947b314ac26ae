public import Quantization

extension QuantizationPlan {
  /// The plans of the types in `quantizers` with new levels, their codes made for the probabilities given.
  ///
  /// Under the Alternating protocol the one code is made for the union of all types, each with the share of its
  /// coordinates; types without new probabilities enter with a uniform law.
  ///
  /// - Parameter quantizers: A quantizer, and the probability of each of its symbols, for the types that change.
  /// - Returns: Plans to adopt.
  public func replanned(
    _ quantizers: [LayerType: (quantizer: LevelQuantizer, probabilities: [Double])]
  ) -> [LayerType: LayerPlan] {
    var changed: [LayerType: LayerPlan] = [:]
    switch coding {
    case .main:
      for (type, (quantizer, probabilities)) in quantizers {
        guard let kind = plans[type]?.code?.kind else { continue }
        changed[type] = .levels(quantizer, LayerCode(kind, probabilities: probabilities))
      }
    case .alternating:
      let counts = map.counts
      var union: [Double] = []
      for type in quantizedTypes {
        guard let levels = (quantizers[type]?.quantizer ?? plans[type]?.quantizer)?.levels else { continue }
        let law = quantizers[type]?.probabilities ?? levels.values.map { _ in 1 / Double(levels.count) }
        union += law.map { $0 * Double(counts[type] ?? 0) }
      }
      for type in quantizedTypes {
        guard case .levels(let old, let code)? = plans[type] else { continue }
        changed[type] = .levels(
          quantizers[type]?.quantizer ?? old, LayerCode(code.kind, probabilities: union))
      }
    }
    return changed
  }

  /// A plan that rounds some types to levels, with codes for uniform symbols, and sends the others exactly.
  ///
  /// - Parameters:
  ///   - map: The layers.
  ///   - quantizers: The quantizers of the types that are rounded.
  ///   - code: The kind of their codes.
  ///   - coding: How types share codewords.
  ///   - seed: The seed of all draws.
  /// - Throws: ``PlanError``.
  public init(
    map: LayerMap, quantizers: [LayerType: LevelQuantizer], code: LayerCode.Kind, coding: CodingProtocol = .main,
    seed: UInt64
  ) throws(PlanError) {
    let total = quantizers.values.reduce(0) { $0 + $1.levels.count }
    var plans = quantizers.mapValues { quantizer in
      let count = coding == .alternating ? total : quantizer.levels.count
      return LayerPlan.levels(quantizer, LayerCode(code, probabilities: [Double](repeating: 1, count: count)))
    }
    for type in map.types where plans[type] == nil { plans[type] = .exact }
    try self.init(map: map, plans: plans, coding: coding, seed: seed)
  }

  /// A plan that rounds all types to the same levels, except those that are exact.
  ///
  /// - Parameters:
  ///   - map: The layers.
  ///   - quantizer: The quantizer of all types that are not exact.
  ///   - code: The kind of their codes.
  ///   - coding: How types share codewords.
  ///   - seed: The seed of all draws.
  ///   - isExact: Whether a type travels exactly; by default biases and normalisation layers.
  /// - Throws: ``PlanError``.
  public init(
    map: LayerMap, quantizer: LevelQuantizer, code: LayerCode.Kind, coding: CodingProtocol = .main, seed: UInt64,
    isExact: (LayerType) -> Bool = \.isExactByDefault
  ) throws(PlanError) {
    let rounded = map.types.filter { !isExact($0) }
    try self.init(
      map: map, quantizers: Dictionary(uniqueKeysWithValues: rounded.map { ($0, quantizer) }), code: code,
      coding: coding, seed: seed)
  }
}
