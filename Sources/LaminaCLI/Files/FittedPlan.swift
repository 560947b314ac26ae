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
  func fitted(to values: [Float], threads: Int) throws -> QuantizationPlan {
    if let budget { return try dithered(values, bits: budget, threads: threads) }
    return try plan.fitted(to: values, method: method, weighting: weighting)
  }

  /// The plan with the step that spends `bits` per coordinate, frame included, on `values`.
  private func dithered(_ values: [Float], bits: Double, threads: Int) throws -> QuantizationPlan {
    var exchange = QuantizedExchange(
      plan: plan, group: SoloCollective(),
      agreement: LevelAgreement(bits: bits, schedule: LevelSchedule(early: [1, 2, 3], interval: 4)),
      options: ExchangeOptions(threads: threads))
    // Each turn sees what the frame of the one before took beyond the entropy of its numbers.
    for step in 0..<4 { _ = try exchange.average(values, step: UInt64(step)) }
    return try QuantizationPlan(map: plan.map, plans: exchange.plan.plans, coding: plan.coding, seed: plan.seed)
  }
}
