import Quantization
import WireFormat

/// A plan and a frame in words.
struct FrameFileDescription: Encodable {
  struct TypeDescription: Encodable {
    let name: String
    let coordinates: Int
    let isExact: Bool
    let levels: [Float]?
    let norm: String?
    let scope: String?
    let code: String?
    let step: String?
    let rotation: String?
    let codeLengths: [Double]?
  }

  struct LayerDescription: Encodable {
    let name: String
    let type: String
    let coordinates: Int
  }

  let fileBytes: Int
  let frameBytes: Int
  let bitsPerCoordinate: Double
  let coordinates: Int
  let codingProtocol: String
  let seed: UInt64
  let planDigest: String
  let levelEpoch: UInt32
  let rank: UInt16
  let step: UInt64
  let squaredNorm: JSONNumber
  let types: [TypeDescription]
  let layers: [LayerDescription]

  init(_ file: FrameFile, size: Int) throws {
    let header = try FrameReader.header(of: file.frame[...])
    let plan = file.plan
    fileBytes = size
    frameBytes = file.frame.count
    coordinates = plan.map.dimension
    bitsPerCoordinate = 8 * Double(file.frame.count) / Double(plan.map.dimension)
    codingProtocol = plan.coding.defaultValueDescription
    seed = plan.seed
    let digits = String(plan.digest, radix: 16)
    planDigest = String(repeating: "0", count: 16 - digits.count) + digits
    levelEpoch = header.levelEpoch
    rank = header.rank
    step = header.step
    squaredNorm = JSONNumber(header.squaredNorm)
    let counts = plan.map.counts
    let prepared = PreparedPlan(plan)
    types = plan.map.types.map { type in
      let quantizer = plan.plans[type]?.quantizer
      return TypeDescription(
        name: type.rawValue, coordinates: counts[type] ?? 0, isExact: plan.plans[type] == .exact,
        levels: quantizer?.levels.values, norm: quantizer?.norm.argumentText,
        scope: quantizer?.scope.argumentText, code: plan.plans[type]?.code?.kind.rawValue,
        step: plan.plans[type]?.ditheredQuantizer.map(Self.describe),
        rotation: plan.plans[type]?.rotatedQuantizer.map(Self.describe),
        codeLengths: quantizer == nil ? nil : prepared.codeLengths(of: type))
    }
    layers = plan.map.layers.map {
      LayerDescription(name: $0.name, type: $0.type.rawValue, coordinates: $0.range.count)
    }
  }

  private static func describe(_ quantizer: DitheredQuantizer) -> String {
    switch quantizer.step {
    case .agreed(let step): "\(step), agreed"
    case .relative(let factor, let scope): "\(factor) root mean squares, \(scope.argumentText)"
    }
  }

  private static func describe(_ quantizer: EDENQuantizer) -> String {
    let rounds = quantizer.rotation.rounds
    return "\(quantizer.bits) \(quantizer.bits == 1 ? "bit" : "bits"), blocks of \(quantizer.blockSize), "
      + "\(rounds) \(rounds == 1 ? "round" : "rounds")"
  }

  func printText() {
    print("coordinates          \(coordinates)")
    print("file, frame          \(fileBytes), \(frameBytes) bytes")
    print("bits per coordinate  \(Figure.short(bitsPerCoordinate))")
    print("protocol, seed       \(codingProtocol), \(seed)")
    print("plan, level epoch    \(planDigest), \(levelEpoch)")
    print("rank, step           \(rank), \(step)")
    print("squared norm         \(squaredNorm.value.map(Figure.full) ?? "-")")
    for type in types {
      guard let levels = type.levels else {
        let form = type.step.map { "dithered, step \($0)" } ?? type.rotation.map { "rotated, \($0)" } ?? "exact"
        print("type \(type.name): \(type.coordinates) coordinates, \(form)")
        continue
      }
      print(
        "type \(type.name): \(type.coordinates) coordinates, norm \(type.norm ?? "-") over \(type.scope ?? "-"), "
          + "code \(type.code ?? "-"), \(levels.count) levels")
      print("  " + levels.map { Figure.short(Double($0)) }.joined(separator: " "))
    }
    for layer in layers { print("layer \(layer.name): \(layer.coordinates) coordinates of type \(layer.type)") }
  }
}
