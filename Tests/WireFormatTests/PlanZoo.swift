import EntropyCoding
import LaminaNumerics
import Quantization
import WireFormat

/// Makes plans for tests: layers in a row, and tables that fall with the index.
struct PlanRecipe {
  var layers: [(name: String, type: LayerType, count: Int)]
  var quantizers: [LayerType: LevelQuantizer]
  var dithered: [LayerType: DitheredQuantizer] = [:]
  var rotated: [LayerType: EDENQuantizer] = [:]
  var code: LayerCode.Kind = .fixedWidth
  var coding: CodingProtocol = .main
  var seed: UInt64 = 1
  var levelEpoch: UInt32 = 0
  /// The weight of a type's level index in the tables.
  var weight: (Int) -> Double = { 1 / Double($0 + 1) }

  func plan() throws -> QuantizationPlan {
    var start = 0
    let map = try LayerMap(
      layers.map { layer in
        defer { start += layer.count }
        return Layer(name: layer.name, type: layer.type, range: start..<start + layer.count)
      })
    let quantized = map.types.filter { quantizers[$0] != nil }
    let union = quantized.flatMap { type in (0..<(quantizers[type]?.levels.count ?? 0)).map(weight) }
    var plans: [LayerType: LayerPlan] = [:]
    for type in map.types {
      guard let quantizer = quantizers[type] else {
        plans[type] = dithered[type].map(LayerPlan.dithered) ?? rotated[type].map(LayerPlan.rotated) ?? .exact
        continue
      }
      let weights = coding == .alternating ? union : (0..<quantizer.levels.count).map(weight)
      plans[type] = .levels(quantizer, LayerCode(code, probabilities: weights))
    }
    return try QuantizationPlan(map: map, plans: plans, coding: coding, seed: seed, levelEpoch: levelEpoch)
  }

  /// Layers of four types: magnitudes in buckets with a tail, signed levels with one norm, ternary ones, exact ones.
  static func mixed(code: LayerCode.Kind, coding: CodingProtocol) -> PlanRecipe {
    PlanRecipe(
      layers: [
        ("critic.conv1.weight", .convolution, 200), ("critic.conv1.bias", .bias, 7),
        ("critic.linear.weight", .linear, 96), ("critic.embed.weight", .embedding, 33),
        ("critic.conv2.weight", .convolution, 64),
      ],
      quantizers: [
        .convolution: LevelQuantizer(
          levels: .exponential(multiplier: 0.5, interiorCount: 3), norm: .max, scope: .bucket(64)),
        .linear: LevelQuantizer(levels: Levels.uniform(intervals: 4).mirroredWithoutZero(), norm: .l2, scope: .layer),
        .embedding: LevelQuantizer(levels: .ternary, norm: .l1, scope: .bucket(16)),
      ], code: code, coding: coding, seed: 11, levelEpoch: 3)
  }

  /// Types `t1`, `t2`, … with signed levels, 2 to the power of their number of them.
  static func signedWidths(_ widths: ClosedRange<Int>, count: Int) -> PlanRecipe {
    PlanRecipe(
      layers: widths.map { ("layer\($0)", LayerType(rawValue: "t\($0)"), count) },
      quantizers: Dictionary(
        uniqueKeysWithValues: widths.map { width in
          let levels = Levels.uniform(intervals: min(1 << (width - 1), 127))
          let mirrored = width == 8 ? signed256 : levels.mirroredWithoutZero()
          return (LayerType(rawValue: "t\(width)"), LevelQuantizer(levels: mirrored, norm: .max, scope: .bucket(200)))
        }))
  }

  /// Types with magnitudes whose fields have the given widths.
  static func magnitudeWidths(_ widths: ClosedRange<Int>, count: Int) -> PlanRecipe {
    PlanRecipe(
      layers: widths.map { ("layer\($0)", LayerType(rawValue: "t\($0)"), count) },
      quantizers: Dictionary(
        uniqueKeysWithValues: widths.map { width in
          let levels = Levels.uniform(intervals: 1 << (width - 1) - 1)
          return (LayerType(rawValue: "t\(width)"), LevelQuantizer(levels: levels, norm: .max, scope: .bucket(100)))
        }))
  }

  static let signed256: Levels = {
    let values = (-128...128).filter { $0 != 0 }.map { (number: Int) -> Float in Float(number) / 128 }
    do { return try Levels(values) } catch { preconditionFailure("\(error)") }
  }()
}

/// Coordinates of mixed size without the mathematical library, whose last bits differ between platforms.
func plainVector(count: Int, seed: UInt64) -> [Float] {
  var stream = RandomStream(key: RandomKey(seed: seed))
  return (0..<count).map { _ in
    let bell = Float(stream.nextUnit()) + Float(stream.nextUnit()) + Float(stream.nextUnit()) - 1.5
    return bell * Float(sign: .plus, exponent: -Int(stream.next() % 4), significand: 1)
  }
}

/// A name for every error, as the manifest of the golden frames and the reference decoder spell it.
func name(of error: WireFormatError) -> String {
  switch error {
  case .truncated: "truncated"
  case .badMagic: "badMagic"
  case .unsupportedVersion: "unsupportedVersion"
  case .unknownKind: "unknownKind"
  case .kindMismatch: "kindMismatch"
  case .workersMismatch: "workersMismatch"
  case .checksumMismatch: "checksumMismatch"
  case .staleLevels: "staleLevels"
  case .planMismatch: "planMismatch"
  case .stepMismatch: "stepMismatch"
  case .rankMismatch: "rankMismatch"
  case .invalidNumber: "invalidNumber"
  case .invalidMarks: "invalidMarks"
  case .invalidModel: "invalidModel"
  case .payload(_, let inner): "payload." + name(of: inner)
  case .invalidNorm: "invalidNorm"
  case .levelOutOfRange: "levelOutOfRange"
  case .trailingBytes: "trailingBytes"
  case .malformedPlan: "malformedPlan"
  }
}

private func name(of error: DecodingError) -> String {
  switch error {
  case .truncated: "truncated"
  case .invalidCodeword: "invalidCodeword"
  case .symbolOutOfRange: "symbolOutOfRange"
  case .inconsistentState: "inconsistentState"
  case .nonzeroPadding: "nonzeroPadding"
  case .trailingBits: "trailingBits"
  case .invalidDistribution: "invalidDistribution"
  case .incompleteCode: "incompleteCode"
  }
}
