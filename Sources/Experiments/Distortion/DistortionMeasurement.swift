import Foundation
import GradientExchange
import LaminaNumerics
import Quantization
import WireFormat

/// What schemes make of one vector, every bit counted.
package struct DistortionMeasurement: Sendable {
  /// What one scheme took and lost.
  package struct Outcome: Hashable, Sendable {
    /// All bits over all coordinates.
    package let bits: Double
    /// ‖Q(v) − v‖²/‖v‖².
    package let error: Double
    /// The largest such ratio of a single layer.
    package let worstLayerError: Double
  }

  private let values: [Float]
  private let map: LayerMap
  private let seed: UInt64

  /// A measurement of one vector.
  ///
  /// - Parameters:
  ///   - values: Finite coordinates, not all 0.
  ///   - map: Their layers; biases and normalisation travel exactly in every scheme.
  ///   - seed: The seed of the draws.
  package init(values: [Float], map: LayerMap, seed: UInt64) {
    precondition(values.count == map.dimension, "The vector has another dimension than the layer map")
    (self.values, self.map, self.seed) = (values, map, seed)
  }

  /// What a scheme makes of the vector.
  ///
  /// - Parameters:
  ///   - scheme: The scheme.
  ///   - bits: 0.01 to 16: the width of a field, from 1 to 8; for dither, all bits over all coordinates.
  /// - Returns: Nil where the scheme has no such width, or no step meets the bits.
  /// - Throws: An error of the plan, the levels or the exchange.
  package func outcome(of scheme: DistortionScheme, bits: Double) throws -> Outcome? {
    let width = Int(exactly: bits).flatMap { (1...8).contains($0) ? $0 : nil }
    switch scheme.method {
    case .dithered(let scope): return try dithered(bits: bits, scope: scope)
    case .rotated: return try width.map { try outcome(of: plan(.rotated(EDENQuantizer(bits: $0)))) }
    case .levels(let family, let norm, let scope, let code):
      guard let levels = width.flatMap(family.levels) else { return nil }
      let quantizer = LevelQuantizer(levels: levels, norm: norm, scope: scope)
      let start = try QuantizationPlan(map: map, quantizer: quantizer, code: code, seed: seed)
      return try outcome(of: start.fitted(to: values, method: family.adaptation))
    }
  }

  /// What dither makes of the vector at the step that meets a rate.
  ///
  /// - Parameters:
  ///   - target: All bits over all coordinates, within 0.002 of what is met; within 0.02 where codes of other tables or
  ///     raw bits make the rate jump.
  ///   - scope: The coordinates that share a scale.
  /// - Returns: Nil where no step meets the rate, because exact layers or norms alone exceed it.
  /// - Throws: An error of the exchange.
  package func dithered(bits target: Double, scope: NormScope) throws -> Outcome? {
    // log₂ of the step falls by about one for every bit; where it does not, the secant through two trials says how far.
    var exponent = 0.5 * log2(2 * Double.pi * M_E) - target
    var before: (exponent: Double, bits: Double)?
    var nearest: Outcome?
    for _ in 0..<16 {
      let step = Float(exp2(exponent))
      guard DitheredQuantizer.relativeSteps.contains(step) else { return nil }
      let outcome = try outcome(of: plan(.dithered(DitheredQuantizer(step: .relative(step, scope)))))
      if abs(outcome.bits - target) < 0.002 { return outcome }
      if abs(outcome.bits - target) < min(0.02, abs((nearest?.bits ?? .infinity) - target)) { nearest = outcome }
      var slope = -1.0
      if let before, before.exponent != exponent {
        slope = min(-0.05, max(-1.5, (outcome.bits - before.bits) / (exponent - before.exponent)))
      }
      before = (exponent, outcome.bits)
      exponent += min(4, max(-4, (target - outcome.bits) / slope))
    }
    return nearest
  }

  private func plan(_ rounded: LayerPlan) throws -> QuantizationPlan {
    let plans = map.types.map { ($0, $0.isExactByDefault ? LayerPlan.exact : rounded) }
    return try QuantizationPlan(map: map, plans: Dictionary(uniqueKeysWithValues: plans), seed: seed)
  }

  /// One frame of the plan, decoded again.
  private func outcome(of plan: QuantizationPlan) throws -> Outcome {
    var codec = ExchangeCodec(plan: plan, rank: 0)
    let frame = try codec.encode(values, step: 0)
    var decoded = [Float](repeating: 0, count: values.count)
    try codec.accumulate(frame.bytes, step: 0, rank: 0, into: &decoded)
    return outcome(bits: 8 * frame.bytes.count, decoded: decoded)
  }

  private func outcome(bits: Int, decoded: [Float]) -> Outcome {
    var (error, norm, worst) = (0.0, 0.0, 0.0)
    for layer in map.layers {
      var (layerError, layerNorm) = (0.0, 0.0)
      for i in layer.range {
        let difference = Double(decoded[i]) - Double(values[i])
        layerError += difference * difference
        layerNorm += Double(values[i]) * Double(values[i])
      }
      error += layerError
      norm += layerNorm
      if layerNorm > 0 { worst = max(worst, layerError / layerNorm) }
    }
    return Outcome(bits: Double(bits) / Double(values.count), error: error / norm, worstLayerError: worst)
  }
}
