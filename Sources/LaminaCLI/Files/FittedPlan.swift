import Collectives
import GradientExchange
import Quantization
import WireFormat

/// A plan for one file, with levels and codes made for what the file holds.
struct FittedPlan {
  private let plan: QuantizationPlan
  private let method: AdaptationMethod
  private let weighting: NormWeighting
  private let budget: Double?

  /// The plan before it is fitted.
  ///
  /// - Throws: A `ValidationError` or a `PlanError` where the options make no plan.
  init(map: LayerMap, choice: LevelChoice, options: QuantizerOptions, seed: UInt64) throws {
    method = try options.method(for: choice)
    weighting = options.weighting ?? .squaredNorm
    budget = choice.budget
    plan = try options.plan(
      map: map, choice: choice, norm: .max, scope: .bucket(1024), code: .fixedWidth, seed: seed)
  }

  /// The plan with levels and code tables fitted to `values`, where its choices ask for it.
  ///
  /// A type of which nothing can be observed, because all its buckets are zero or not finite, keeps its levels.
  func fitted(to values: [Float]) throws -> QuantizationPlan {
    if let budget { return try dithered(values, bits: budget) }
    let needsTables = plan.plans.values.contains { $0.code?.distribution != nil }
    guard needsTables || method != .fixed else { return plan }
    var changed: [LayerType: (quantizer: LevelQuantizer, probabilities: [Double])] = [:]
    for (type, statistics) in observe(values) {
      guard let quantizer = plan.plans[type]?.quantizer, let law = try? statistics.distribution() else { continue }
      let levels = try method.fit(quantizer.levels, to: law)
      changed[type] = (quantizer.with(levels: levels), levels.symbolProbabilities(under: law))
    }
    return try QuantizationPlan(
      map: plan.map, plans: plan.plans.merging(plan.replanned(changed)) { $1 }, coding: plan.coding, seed: plan.seed)
  }

  /// The plan with the step that spends `bits` per coordinate, frame included, on `values`.
  private func dithered(_ values: [Float], bits: Double) throws -> QuantizationPlan {
    var exchange = QuantizedExchange(
      plan: plan, group: SoloCollective(),
      agreement: LevelAgreement(bits: bits, schedule: LevelSchedule(early: [1, 2, 3], interval: 4)))
    // Each turn sees what the frame of the one before took beyond the entropy of its numbers.
    for step in 0..<4 { _ = try exchange.average(values, step: UInt64(step)) }
    return try QuantizationPlan(map: plan.map, plans: exchange.plan.plans, coding: plan.coding, seed: plan.seed)
  }

  /// The histograms of all quantized types.
  private func observe(_ values: [Float]) -> [LayerType: Histogram] {
    var statistics: [LayerType: Histogram] = [:]
    let shared = plan.vectorNorm.map { norm in
      norm.combining(
        plan.map.layers.filter { plan.plans[$0.type]?.quantizer?.scope == .vector }
          .map { norm(values.span.extracting($0.range)) })
    }
    for layer in plan.map.layers {
      guard let quantizer = plan.plans[layer.type]?.quantizer else { continue }
      let support: CoordinateSupport =
        quantizer.levels.areSigned && !quantizer.levels.areSymmetric ? .signed : .magnitudes
      statistics[layer.type, default: Histogram(weighting: weighting, support: support)].observe(
        values.span.extracting(layer.range), quantizer: quantizer, sharedNorm: shared)
    }
    return statistics
  }
}

extension Histogram {
  /// Adds the buckets of a layer, divided by their norms; buckets without an ordinary norm are skipped.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the layer.
  ///   - quantizer: Its norm and scope.
  ///   - sharedNorm: The norm of the whole vector, for the scope of the vector.
  /// - Returns: How many buckets were skipped because of a coordinate that is not finite, or a norm out of range.
  @discardableResult
  mutating func observe(_ values: Span<Float>, quantizer: LevelQuantizer, sharedNorm: Float? = nil) -> Int {
    let size = quantizer.bucketSize(in: values.count)
    var unit: [Float] = []
    var skipped = 0
    for start in stride(from: 0, to: values.count, by: size) {
      let bucket = values.extracting(start..<min(start + size, values.count))
      let norm = quantizer.scope == .vector ? sharedNorm ?? quantizer.norm(bucket) : quantizer.norm(bucket)
      guard LevelSymbols.isOrdinary(norm) else {
        skipped += norm == 0 ? 0 : 1
        continue
      }
      unit.removeAll(keepingCapacity: true)
      bucket.withUnsafeBufferPointer { unit.append(contentsOf: $0.lazy.map { $0 / norm }) }
      observe(unit.span, norm: norm)
    }
    return skipped
  }
}
