import EntropyCoding
import Quantization

/// The bytes of a plan: WireFormat.md, section "Plan".
extension QuantizationPlan {
  static let magic: UInt32 = 0x504D_414C  // "LAMP"

  /// The canonical bytes of this plan, from which a codec can be made anywhere; ``digest`` hashes them.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.magic)
    writer.append(FrameHeader.version)
    writer.append(coding.rawValue)
    writer.append(UInt16(plans.count))
    writer.append(levelEpoch)
    writer.append(seed)
    let types = map.types
    let ordinals = Dictionary(uniqueKeysWithValues: zip(types, 0...))
    for type in types {
      writer.append(name: type.rawValue)
      if let plan = plans[type] { writer.append(plan) }
    }
    writer.append(UInt32(map.layers.count))
    for layer in map.layers {
      writer.append(name: layer.name)
      writer.append(UInt16(ordinals[layer.type] ?? 0))
      writer.append(UInt64(layer.range.count))
    }
    return writer.bytes
  }

  /// The plan that `bytes` encode.
  ///
  /// - Parameter bytes: What ``encoded()`` made.
  /// - Throws: ``WireFormatError`` where the bytes are not a plan; memory use is bounded by the number of bytes.
  public init(decoding bytes: ArraySlice<UInt8>) throws(WireFormatError) {
    var reader = ByteReader(bytes)
    let magic: UInt32 = try reader.next()
    guard magic == Self.magic else { throw .badMagic(magic) }
    let version: UInt8 = try reader.next()
    guard version == FrameHeader.version else { throw .unsupportedVersion(version) }
    guard let coding = CodingProtocol(rawValue: try reader.next()) else { throw .malformedPlan("unknown protocol") }
    let typeCount: UInt16 = try reader.next()
    let epoch: UInt32 = try reader.next()
    let seed: UInt64 = try reader.next()
    var types: [LayerType] = []
    var plans: [LayerType: LayerPlan] = [:]
    for _ in 0..<typeCount {
      let type = LayerType(rawValue: try reader.name())
      if let last = types.last, !(last < type) { throw .malformedPlan("the layer types are not in order") }
      types.append(type)
      plans[type] = try reader.layerPlan()
    }
    let layers = try reader.layers(types: types)
    guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
    do {
      try self.init(
        map: LayerMap(layers), plans: plans, coding: coding, seed: seed, levelEpoch: epoch)
    } catch let error as LayerMapError {
      throw .malformedPlan(error.description)
    } catch let error as PlanError {
      throw .malformedPlan(error.description)
    } catch {
      throw .malformedPlan("\(error)")
    }
    guard encoded() == Array(bytes) else { throw .malformedPlan("the encoding is not canonical") }
  }
}

extension ByteWriter {
  fileprivate mutating func append(_ plan: LayerPlan) {
    switch plan {
    case .exact: append(UInt8(0))
    case .levels(let quantizer, let code):
      append(UInt8(1))
      append(quantizer, code)
    case .dithered(let quantizer):
      switch quantizer.step {
      case .relative(let factor, let scope):
        append(UInt8(2))
        append(factor)
        append(scope)
      case .agreed(let step):
        append(UInt8(3))
        append(step)
      }
    case .rotated(let quantizer):
      append(UInt8(4))
      append(UInt8(quantizer.bits))
      append(UInt8(quantizer.blockSize.trailingZeroBitCount))
      append(UInt8(quantizer.rotation.rounds))
    }
  }

  private mutating func append(_ scope: NormScope) {
    switch scope {
    case .vector: append(UInt32(0))
    case .layer: append(UInt32.max)
    case .bucket(let size): append(UInt32(size))
    }
  }

  private mutating func append(_ quantizer: LevelQuantizer, _ code: LayerCode) {
    switch quantizer.norm {
    case .max: append(Float.infinity)
    case .l1: append(Float(1))
    case .l2: append(Float(2))
    case .lq(let q): append(q)
    }
    append(quantizer.scope)
    append(UInt16(quantizer.levels.count))
    append(quantizer.levels.values)
    append(UInt8(LayerCode.Kind.allCases.firstIndex(of: code.kind) ?? 0))
    if let table = code.distribution?.encoded() {
      append(UInt16(table.count))
      append(table)
    }
  }
}

extension ByteReader {
  fileprivate mutating func layerPlan() throws(WireFormatError) -> LayerPlan {
    let kind: UInt8 = try next()
    switch kind {
    case 0: return .exact
    case 1: return try levelPlan()
    case 2:
      let factor = try nextFloat()
      guard DitheredQuantizer.relativeSteps.contains(factor) else {
        throw .malformedPlan("a relative step is out of range")
      }
      return .dithered(DitheredQuantizer(step: .relative(factor, try scope())))
    case 3:
      let step = try nextFloat()
      guard DitheredQuantizer.agreedSteps.contains(step) else { throw .malformedPlan("an agreed step is out of range") }
      return .dithered(DitheredQuantizer(step: .agreed(step)))
    case 4: return .rotated(try rotatedQuantizer())
    default: throw .malformedPlan("unknown kind of layer plan \(kind)")
    }
  }

  private mutating func rotatedQuantizer() throws(WireFormatError) -> EDENQuantizer {
    let bits: UInt8 = try next()
    guard (1...8).contains(bits) else { throw .malformedPlan("a rotated symbol has 1 to 8 bits") }
    let exponent: UInt8 = try next()
    guard exponent < 32, (EDENQuantizer.smallestBlock...EDENQuantizer.largestBlock).contains(1 << Int(exponent)) else {
      throw .malformedPlan("a rotated block is too small or too large")
    }
    let rounds: UInt8 = try next()
    guard (1...4).contains(rounds) else { throw .malformedPlan("a rotation has 1 to 4 rounds") }
    return EDENQuantizer(bits: Int(bits), blockSize: 1 << Int(exponent), rounds: Int(rounds))
  }

  private mutating func scope() throws(WireFormatError) -> NormScope {
    let size: UInt32 = try next()
    guard size <= NormScope.largestBucket || size == .max else { throw .malformedPlan("a bucket is too large") }
    return size == 0 ? .vector : size == .max ? .layer : .bucket(Int(size))
  }

  private mutating func levelPlan() throws(WireFormatError) -> LayerPlan {
    let exponent = try nextFloat()
    guard exponent >= 1 else { throw .malformedPlan("the exponent of a norm is below 1") }
    let norm: Norm = exponent == .infinity ? .max : exponent == 1 ? .l1 : exponent == 2 ? .l2 : .lq(exponent)
    let scope = try scope()
    let count: UInt16 = try next()
    var values: [Float] = []
    try floats(Int(count), appendingTo: &values)
    let levels: Levels
    do { levels = try Levels(values) } catch { throw .malformedPlan(error.description) }
    return .levels(LevelQuantizer(levels: levels, norm: norm, scope: scope), try layerCode())
  }

  private mutating func layerCode() throws(WireFormatError) -> LayerCode {
    let number: UInt8 = try next()
    guard number < LayerCode.Kind.allCases.count else { throw .malformedPlan("unknown code \(number)") }
    switch LayerCode.Kind.allCases[Int(number)] {
    case .fixedWidth: return .fixedWidth
    case .eliasGamma: return .eliasGamma
    case .eliasDelta: return .eliasDelta
    case .eliasOmega: return .eliasOmega
    case .huffman: return .huffman(try distribution())
    case .rans: return .rans(try distribution())
    }
  }

  private mutating func distribution() throws(WireFormatError) -> SymbolDistribution {
    let count: UInt16 = try next()
    let table = try slice(Int(count))
    do { return try SymbolDistribution(decoding: table) } catch { throw .malformedPlan(error.description) }
  }

  fileprivate mutating func layers(types: [LayerType]) throws(WireFormatError) -> [Layer] {
    let count: UInt32 = try next()
    var layers: [Layer] = []
    var start = 0
    for _ in 0..<count {
      let name = try name()
      let type = Int(try next(UInt16.self))
      guard type < types.count else { throw .malformedPlan("layer '\(name)' has no type") }
      let length: UInt64 = try next()
      guard length <= UInt64(1) << 48 - UInt64(start) else { throw .malformedPlan("layer '\(name)' is too large") }
      layers.append(Layer(name: name, type: types[type], range: start..<start + Int(length)))
      start += Int(length)
    }
    return layers
  }
}

/// FNV-1a, 64 bits: short to specify, and a plan is compared with its peers', never with an adversary's.
func hash64(of bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}
