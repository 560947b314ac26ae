internal import CLamina
import Quantization
import WireFormat

extension QuantizationPlan {
  /// The plan that C describes.
  init(
    layers: UnsafeBufferPointer<lamina_layer>, quantizers: UnsafeBufferPointer<lamina_quantizer>, seed: UInt64
  ) throws(Failure) {
    let map = try LayerMap(layers)
    var usual: LayerPlan?
    var plans: [LayerType: LayerPlan] = [:]
    for quantizer in quantizers {
      let plan = try LayerPlan(quantizer)
      guard let name = quantizer.type else {
        guard usual == nil else { throw .plan("Two quantizers are for all types without one of their own.") }
        usual = plan
        continue
      }
      let type = LayerType(rawValue: try String(name, "type"))
      guard plans.updateValue(plan, forKey: type) == nil else { throw .plan("Two quantizers are for type '\(type)'.") }
    }
    for type in map.types where plans[type] == nil {
      plans[type] = type.isExactByDefault ? .exact : usual ?? .exact
    }
    do throws(PlanError) { try self.init(map: map, plans: plans, seed: seed) } catch { throw .plan("\(error)") }
  }
}

extension LayerMap {
  fileprivate init(_ layers: UnsafeBufferPointer<lamina_layer>) throws(Failure) {
    var found: [Layer] = []
    var start = 0
    var unmapped: [String] = []
    for layer in layers {
      let name = try String(layer.name, "name")
      guard let count = Int(exactly: layer.count), count <= Self.largestDimension - start else {
        throw .plan("Layer '\(name)' has too many coordinates: \(layer.count).")
      }
      let type: LayerType
      if layer.type != nil {
        type = LayerType(rawValue: try String(layer.type, "type"))
      } else if let known = LayerRules.standard.type(of: name) {
        type = known
      } else {
        unmapped.append(name)
        continue
      }
      found.append(Layer(name: name, type: type, range: start..<start + count))
      start += count
    }
    guard unmapped.isEmpty else { throw .plan("\(LayerMapError.unmapped(unmapped))") }
    do throws(LayerMapError) { try self.init(found) } catch { throw .plan("\(error)") }
  }

  /// More than any memory holds, and few enough to be added up.
  private static var largestDimension: Int { 1 << 40 }
}

extension LayerPlan {
  fileprivate init(_ quantizer: lamina_quantizer) throws(Failure) {
    switch quantizer.kind {
    case Failure.code(LAMINA_EXACT): self = .exact
    case Failure.code(LAMINA_LEVELS):
      let levels = try LevelQuantizer(quantizer)
      let equal = [Double](repeating: 1, count: levels.levels.count)
      self = .levels(levels, LayerCode(try .init(quantizer), probabilities: equal))
    case Failure.code(LAMINA_DITHERED):
      try Self.check(quantizer.step, in: DitheredQuantizer.relativeSteps, "A relative step", "2⁻¹⁶ to 2¹⁶")
      self = .dithered(DitheredQuantizer(step: .relative(quantizer.step, try NormScope(quantizer))))
    case Failure.code(LAMINA_AGREED):
      try Self.check(quantizer.step, in: DitheredQuantizer.agreedSteps, "An agreed step", "2⁻¹⁰⁰ to 2¹⁰⁰")
      self = .dithered(DitheredQuantizer(step: .agreed(quantizer.step)))
    case Failure.code(LAMINA_ROTATED):
      guard (1...8).contains(quantizer.bits) else {
        throw .plan("Rotated coordinates take 1 to 8 bits, not \(quantizer.bits).")
      }
      self = .rotated(EDENQuantizer(bits: Int(quantizer.bits)))
    default: throw .argument("No kind of quantizer has the number \(quantizer.kind).")
    }
  }

  private static func check(
    _ step: Float, in range: ClosedRange<Float>, _ name: StaticString, _ text: StaticString
  ) throws(Failure) {
    guard range.contains(step) else { throw .plan("\(name) is from \(text), not \(step).") }
  }
}

extension LayerCode.Kind {
  fileprivate init(_ quantizer: lamina_quantizer) throws(Failure) {
    switch quantizer.code {
    case Failure.code(LAMINA_FIXED_WIDTH): self = .fixedWidth
    case Failure.code(LAMINA_ELIAS_GAMMA): self = .eliasGamma
    case Failure.code(LAMINA_ELIAS_DELTA): self = .eliasDelta
    case Failure.code(LAMINA_ELIAS_OMEGA): self = .eliasOmega
    case Failure.code(LAMINA_HUFFMAN): self = .huffman
    case Failure.code(LAMINA_RANS): self = .rans
    default: throw .argument("No code has the number \(quantizer.code).")
    }
  }
}

extension LevelQuantizer {
  /// The levels, norm and scope that C describes, whatever the kind.
  init(_ quantizer: lamina_quantizer) throws(Failure) {
    self.init(levels: try Levels(quantizer), norm: try Norm(quantizer), scope: try NormScope(quantizer))
  }
}

extension Levels {
  fileprivate init(_ quantizer: lamina_quantizer) throws(Failure) {
    guard let values = quantizer.levels else { throw .null("levels") }
    // No more than a sequence can have are looked at.
    let count = Int(clamping: min(quantizer.level_count, 257))
    do throws(LevelsError) { try self.init(Array(UnsafeBufferPointer(start: values, count: count))) } catch {
      throw .plan("\(error)")
    }
  }
}

extension Norm {
  fileprivate init(_ quantizer: lamina_quantizer) throws(Failure) {
    switch quantizer.norm {
    case Failure.code(LAMINA_MAX): self = .max
    case Failure.code(LAMINA_L1): self = .l1
    case Failure.code(LAMINA_L2): self = .l2
    default: throw .argument("No norm has the number \(quantizer.norm).")
    }
  }
}

extension NormScope {
  fileprivate init(_ quantizer: lamina_quantizer) throws(Failure) {
    switch quantizer.scope {
    case Failure.code(LAMINA_BUCKET):
      guard (1...UInt32(Self.largestBucket)).contains(quantizer.bucket_size) else {
        throw .plan("A bucket has 1 to 2²⁴ coordinates, not \(quantizer.bucket_size).")
      }
      self = .bucket(Int(quantizer.bucket_size))
    case Failure.code(LAMINA_LAYER): self = .layer
    case Failure.code(LAMINA_VECTOR): self = .vector
    default: throw .argument("No scope has the number \(quantizer.scope).")
    }
  }
}
