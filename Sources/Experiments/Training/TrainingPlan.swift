import Foundation
import NeuralNetworks
import Quantization
import WireFormat

/// The layer map and the plan of a network.
enum TrainingPlan {
  /// The layers of both players: types are scoped by player, and the layers next to images and scores are types of
  /// their own, because their gradients are of another scale and shape.
  static func layerMap(of network: WGANNetwork) throws(LayerMapError) -> LayerMap {
    let layouts = network.layouts
    func isWeight(_ layout: ParameterLayout) -> Bool { type(of: layout.kind).isExactByDefault == false }
    let generator = layouts.filter { network.generatorRange.contains($0.range.lowerBound) && isWeight($0) }
    let critic = layouts.filter { network.criticRange.contains($0.range.lowerBound) && isWeight($0) }
    let ends = [
      generator.last?.name: "output", critic.first?.name: "input", critic.last?.name: "output",
    ]
    return try LayerMap(
      layouts.map { layout in
        let player = network.generatorRange.contains(layout.range.lowerBound) ? "generator" : "critic"
        let kind = ends[layout.name].map { LayerType(rawValue: $0) } ?? type(of: layout.kind)
        return Layer(name: layout.name, type: kind.scoped(to: player), range: layout.range)
      })
  }

  /// The layer type of a parameter, by what its numbers do.
  static func type(of kind: ParameterKind) -> LayerType {
    switch kind {
    case .linearWeight: .linear
    case .convolutionWeight: .convolution
    case .transposedConvolutionWeight: .transposedConvolution
    case .bias: .bias
    case .normalisationScale, .normalisationShift: .normalisation
    }
  }

  /// The plan before the first level update.
  static func plan(for map: LayerMap, _ compression: CompressionSpec?, seed: UInt64) throws
    -> QuantizationPlan
  {
    guard let compression else {
      let exact = Dictionary(uniqueKeysWithValues: map.types.map { ($0, LayerPlan.exact) })
      return try QuantizationPlan(map: map, plans: exact, seed: seed)
    }
    let unknown = Set(compression.typeBits.keys).subtracting(map.types.map(\.rawValue)).sorted()
    guard unknown.isEmpty else {
      throw TrainingError.setting(
        "The plan names layer type '\(unknown[0])'; the network has \(map.types.map(\.rawValue).joined(separator: ", "))."
      )
    }
    switch compression.quantizer {
    case .levels: return try levelPlan(for: map, compression, seed: seed)
    case .dithered:
      // One step for all types.
      let dithered = LayerPlan.dithered(.gaussian(bits: compression.budget))
      return try plan(for: map, compression, seed: seed) { _ in dithered }
    case .eden:
      return try plan(for: map, compression, seed: seed) { bits in .rotated(EDENQuantizer(bits: bits)) }
    }
  }

  private static func levelPlan(
    for map: LayerMap, _ compression: CompressionSpec, seed: UInt64
  ) throws -> QuantizationPlan {
    var quantizers: [LayerType: LevelQuantizer] = [:]
    for type in map.types {
      let bits = compression.typeBits[type.rawValue] ?? (type.isExactByDefault ? 0 : compression.bits)
      guard bits > 0 else { continue }
      quantizers[type] = LevelQuantizer(
        levels: compression.startingLevels(bits: bits), norm: compression.norm, scope: compression.scope)
    }
    return try QuantizationPlan(
      map: map, quantizers: quantizers, code: compression.code, coding: compression.coding, seed: seed)
  }

  /// What the types that are not exact make of their bits.
  private static func plan(
    for map: LayerMap, _ compression: CompressionSpec, seed: UInt64, rounded: (Int) -> LayerPlan
  ) throws -> QuantizationPlan {
    var plans: [LayerType: LayerPlan] = [:]
    for type in map.types {
      let bits = compression.typeBits[type.rawValue] ?? (type.isExactByDefault ? 0 : compression.bits)
      plans[type] = bits == 0 ? .exact : rounded(bits)
    }
    return try QuantizationPlan(map: map, plans: plans, seed: seed)
  }

  /// What the manifest says of a plan.
  static func summary(of plan: QuantizationPlan, _ compression: CompressionSpec?) -> PlanSummary {
    let counts = plan.map.counts
    let types = plan.map.types.map { type in
      PlanSummary.LayerTypeSummary(
        type: type.rawValue, layers: plan.map.layers.count { $0.type == type }, coordinates: counts[type] ?? 0,
        quantizer: describe(plan.plans[type]), code: codeName(of: plan.plans[type]))
    }
    guard let compression else { return PlanSummary(name: "full precision", isFullPrecision: true, types: types) }
    let digits = String(plan.digest, radix: 16)
    let name =
      switch compression.quantizer {
      case .levels: "\(compression.bits) bits \(compression.grouping.rawValue) \(compression.method.rawValue)"
      case .dithered: "\(compression.budget.formatted()) bits dithered"
      case .eden: "\(compression.bits) \(compression.bits == 1 ? "bit" : "bits") rotated"
      }
    return PlanSummary(
      name: name, isFullPrecision: false, digest: String(repeating: "0", count: 16 - digits.count) + digits,
      types: types)
  }

  private static func codeName(of plan: LayerPlan?) -> String {
    switch plan {
    case .levels(_, let code): code.kind.rawValue
    case .dithered: LayerCode.Kind.rans.rawValue
    case .rotated: LayerCode.Kind.fixedWidth.rawValue
    case .exact, nil: "binary32"
    }
  }

  private static func describe(_ plan: LayerPlan?) -> String {
    switch plan {
    case .levels(let quantizer, _): describe(quantizer)
    case .dithered: "dithered, one step of the vector"
    case .rotated(let quantizer):
      "\(quantizer.centroids.count) centroids, rotated per \(quantizer.blockSize) coordinates"
    case .exact, nil: "exact"
    }
  }

  private static func describe(_ quantizer: LevelQuantizer) -> String {
    let norm =
      switch quantizer.norm {
      case .max: "max norm"
      case .l1: "ℓ1 norm"
      case .l2: "ℓ2 norm"
      case .lq(let q): "ℓ\(q) norm"
      }
    let scope =
      switch quantizer.scope {
      case .vector: "of the vector"
      case .layer: "per layer"
      case .bucket(let size): "per \(size) coordinates"
      }
    return "\(quantizer.levels.count) \(quantizer.levels.areSigned ? "signed levels" : "magnitudes"), \(norm) \(scope)"
  }
}
