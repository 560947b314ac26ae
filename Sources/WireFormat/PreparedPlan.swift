public import Quantization

/// A plan with the tables of its codes built, ready to write and read frames.
///
/// Building takes time linear in the sizes of the alphabets; make one per level epoch.
public struct PreparedPlan: Sendable {
  /// The plan.
  public let plan: QuantizationPlan
  /// The layers of the map, each with its quantizer.
  public let layers: [PreparedLayer]
  private let coders: [LayerType: SymbolCoder]

  /// Builds the tables of `plan`.
  public init(_ plan: QuantizationPlan) {
    self.plan = plan
    let bases = plan.symbolBases
    let sizes = plan.alphabetSizes
    var coders: [LayerType: SymbolCoder] = [:]
    for type in plan.quantizedTypes {
      guard case .levels(let quantizer, let code)? = plan.plans[type] else { continue }
      coders[type] = SymbolCoder(
        levels: quantizer.levels, code: code, base: bases[type] ?? 0, alphabetSize: sizes[type] ?? 0,
        coding: plan.coding)
    }
    self.coders = coders
    let packed = coders.compactMapValues { $0.packing }.keys.reduce(into: [LayerType: PackedLayerCoder]()) {
      $0[$1] = plan.plans[$1]?.quantizer.map { PackedLayerCoder($0) }
    }
    layers = plan.map.layers.map { layer in
      PreparedLayer(
        layer: layer, quantizer: plan.plans[layer.type]?.quantizer,
        ditheredQuantizer: plan.plans[layer.type]?.ditheredQuantizer,
        rotatedQuantizer: plan.plans[layer.type]?.rotatedQuantizer, coder: coders[layer.type],
        packed: packed[layer.type])
    }
  }

  /// The bits that the code of `type` spends on each level index, signs not counted.
  ///
  /// - Parameter type: A quantized type.
  /// - Returns: One length per level, fractional for rANS; empty where the type travels exactly.
  public func codeLengths(of type: LayerType) -> [Double] {
    guard let coder = coders[type] else { return [] }
    return (0..<coder.levelCount).map { coder.cost(of: $0) }
  }
}

/// A layer with what quantizes and codes it.
public struct PreparedLayer: Sendable {
  /// The layer.
  public let layer: Layer
  /// Its level quantizer, nil where it travels otherwise.
  public let quantizer: LevelQuantizer?
  /// Its dithered quantizer, nil where it travels otherwise.
  public let ditheredQuantizer: DitheredQuantizer?
  /// Its quantizer of rotated blocks, nil where it travels otherwise.
  public let rotatedQuantizer: EDENQuantizer?
  let coder: SymbolCoder?
  /// What takes the layer straight to bytes, where its fields have a fixed width of its own.
  let packed: PackedLayerCoder?

  /// A dithered layer without a plan around it.
  package init(layer: Layer, dithered quantizer: DitheredQuantizer) {
    self.init(
      layer: layer, quantizer: nil, ditheredQuantizer: quantizer, rotatedQuantizer: nil, coder: nil, packed: nil)
  }

  init(
    layer: Layer, quantizer: LevelQuantizer?, ditheredQuantizer: DitheredQuantizer?, rotatedQuantizer: EDENQuantizer?,
    coder: SymbolCoder?, packed: PackedLayerCoder?
  ) {
    self.layer = layer
    self.quantizer = quantizer
    self.ditheredQuantizer = ditheredQuantizer
    self.rotatedQuantizer = rotatedQuantizer
    self.coder = coder
    self.packed = packed
  }
}
