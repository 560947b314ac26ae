import EntropyCoding
public import Quantization

/// Everything that two ranks must agree on before a byte is sent.
///
/// ``digest`` covers all of it, levels and code tables included, and rides in every frame.
public struct QuantizationPlan: Hashable, Sendable {
  /// The layers and their types.
  public let map: LayerMap
  /// How types share codewords.
  public let coding: CodingProtocol
  /// The seed of all draws.
  public let seed: UInt64
  /// How each type travels; exactly the types of the map.
  public private(set) var plans: [LayerType: LayerPlan]
  /// How often the levels have changed.
  public private(set) var levelEpoch: UInt32
  /// The most layer types that a plan can have, so that the tables of any plan stay small.
  public static let maximumTypeCount = 4096

  /// A 64-bit hash of ``encoded()``.
  public private(set) var digest: UInt64 = 0

  /// A plan for the layers of `map`.
  ///
  /// - Parameters:
  ///   - map: The layers.
  ///   - plans: A plan for each type of the map, and for no other.
  ///   - coding: How types share codewords. With ``CodingProtocol/alternating`` all quantized types name one code,
  ///     over the union of their alphabets in the order of the types' names.
  ///   - seed: The seed of all draws.
  ///   - levelEpoch: How often the levels have changed.
  /// - Throws: ``PlanError`` where the types do not match, the codes do not fit, or quantizers disagree on the norm of
  ///   the vector.
  public init(
    map: LayerMap, plans: [LayerType: LayerPlan], coding: CodingProtocol = .main, seed: UInt64, levelEpoch: UInt32 = 0
  ) throws(PlanError) {
    self.map = map
    self.coding = coding
    self.seed = seed
    self.plans = plans
    self.levelEpoch = levelEpoch
    try validate()
    digest = hash64(of: encoded())
  }

  /// The types that are rounded to levels, in the order in which the union alphabet counts them.
  public var quantizedTypes: [LayerType] { map.types.filter { plans[$0]?.quantizer != nil } }

  /// The norm that all level quantizers of scope `NormScope.vector` share, nil where there is none.
  public var vectorNorm: Norm? {
    quantizedTypes.lazy.compactMap { plans[$0]?.quantizer }.first { $0.scope == .vector }?.norm
  }

  /// The types with a dithered quantizer, in the order of their names.
  public var ditheredTypes: [LayerType] { map.types.filter { plans[$0]?.ditheredQuantizer != nil } }

  /// The types whose layers are rotated, in the order of their names.
  public var rotatedTypes: [LayerType] { map.types.filter { plans[$0]?.rotatedQuantizer != nil } }

  /// Whether dithered quantizers share the root mean square of the vector as their scale.
  public var hasVectorScale: Bool { ditheredTypes.contains { plans[$0]?.ditheredQuantizer?.scope == .vector } }

  /// The number of the first symbol of each quantized type in the code it uses.
  public var symbolBases: [LayerType: Int] {
    var bases: [LayerType: Int] = [:]
    var next = 0
    for type in quantizedTypes {
      bases[type] = coding == .alternating ? next : 0
      next += plans[type]?.quantizer?.levels.count ?? 0
    }
    return bases
  }

  /// The number of symbols that the code of each quantized type must be able to write.
  var alphabetSizes: [LayerType: Int] {
    let sizes = plans.compactMapValues { $0.quantizer?.levels.count }
    let union = sizes.values.reduce(0, +)
    return coding == .alternating ? sizes.mapValues { _ in union } : sizes
  }

  /// Adopts new plans for some types and counts one level epoch.
  ///
  /// - Parameter new: The types that change, each already planned.
  /// - Throws: ``PlanError`` as at construction; the plan is then unchanged.
  public mutating func adopt(_ new: [LayerType: LayerPlan]) throws(PlanError) {
    self = try QuantizationPlan(
      map: map, plans: plans.merging(new) { $1 }, coding: coding, seed: seed, levelEpoch: levelEpoch &+ 1)
  }

  private func validate() throws(PlanError) {
    let types = Set(map.types)
    let planned = Set(plans.keys)
    guard types == planned else {
      throw .typesDiffer(
        missing: types.subtracting(planned).sorted(), unknown: planned.subtracting(types).sorted())
    }
    guard types.count <= Self.maximumTypeCount else { throw .tooManyTypes(types.count) }
    let sizes = alphabetSizes
    let vectorNorm = self.vectorNorm
    var firstCode: LayerCode?
    for type in quantizedTypes {
      guard let plan = plans[type], let code = plan.code, let quantizer = plan.quantizer else { continue }
      let size = sizes[type] ?? 0
      guard size <= SymbolDistribution.maximumSymbolCount else { throw .alphabetTooLarge(size) }
      if let table = code.distribution, table.symbolCount != size {
        throw .codeSize(type, expected: size, found: table.symbolCount)
      }
      if coding == .alternating, code != firstCode ?? code { throw .alternatingNeedsOneCode(type) }
      if quantizer.scope == .vector, quantizer.norm != vectorNorm { throw .vectorNormsDiffer(type) }
      firstCode = firstCode ?? code
    }
  }
}

/// Why a plan cannot be.
public enum PlanError: Error, Hashable, Sendable {
  /// Types of the map without a plan, and plans for types that the map does not have.
  case typesDiffer(missing: [LayerType], unknown: [LayerType])
  /// More types than ``QuantizationPlan/maximumTypeCount``.
  case tooManyTypes(Int)
  /// The union of the alphabets has more symbols than any code can write.
  case alphabetTooLarge(Int)
  /// The code of a type is made for another number of symbols.
  case codeSize(LayerType, expected: Int, found: Int)
  /// Under the Alternating protocol this type names another code than the first one.
  case alternatingNeedsOneCode(LayerType)
  /// Two quantizers of the scope of the vector name different norms.
  case vectorNormsDiffer(LayerType)
}

extension PlanError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .typesDiffer(let missing, let unknown):
      [
        missing.isEmpty ? nil : "no plan for layer type \(list(missing))",
        unknown.isEmpty ? nil : "a plan for layer type \(list(unknown)), which no layer has",
      ].compactMap { $0 }.joined(separator: ", and ") + "."
    case .tooManyTypes(let count):
      "A plan has at most \(QuantizationPlan.maximumTypeCount) layer types, not \(count)."
    case .alphabetTooLarge(let count):
      "The union of the alphabets has \(count) symbols; codes write at most \(SymbolDistribution.maximumSymbolCount)."
    case .codeSize(let type, let expected, let found):
      "The code of layer type '\(type)' is made for \(found) symbols instead of \(expected)."
    case .alternatingNeedsOneCode(let type):
      "The Alternating protocol has one code for all types, but '\(type)' names its own."
    case .vectorNormsDiffer(let type):
      "Layer type '\(type)' divides the whole vector by another norm than the types before it."
    }
  }
}

private func list(_ types: [LayerType]) -> String { types.map { "'\($0)'" }.joined(separator: ", ") }
