import LaminaNumerics
import Quantization
import WireFormat

/// The golden frames with dithered layers.
extension GoldenCase {
  static func dithered() throws -> [GoldenCase] {
    try ditherScopes() + ditherModels() + ditherBuckets() + ditherCorners()
  }

  /// One layer that is dithered.
  private static func single(
    _ name: String, _ step: DitheredQuantizer.Step, _ vector: [Float], step number: UInt64 = 5, rank: UInt16 = 2
  ) throws -> GoldenCase {
    let recipe = PlanRecipe(
      layers: [("w", .linear, vector.count)], quantizers: [:], dithered: [.linear: DitheredQuantizer(step: step)],
      seed: 21, levelEpoch: 1)
    return GoldenCase(name: "dither-\(name)", plan: try recipe.plan(), vector: vector, step: number, rank: rank)
  }

  /// Every source of the step, alone and beside levels under both protocols.
  private static func ditherScopes() throws -> [GoldenCase] {
    let vector = plainVector(count: 1500, seed: 200)
    var cases = try [
      single("agreed", .agreed(0.25), vector), single("layer", .relative(0.5, .layer), vector),
      single("vector", .relative(0.5, .vector), vector),
      single("bucket", .relative(0.5, .bucket(100)), Array(vector[..<730])),
    ]
    for coding in CodingProtocol.allCases {
      for code in [LayerCode.Kind.fixedWidth, .rans] {
        var recipe = PlanRecipe.mixed(code: code, coding: coding)
        recipe.quantizers[.linear] = LevelQuantizer(levels: .ternary, norm: .l2, scope: .vector)
        recipe.quantizers[.embedding] = nil
        recipe.dithered = [
          .embedding: DitheredQuantizer(step: .relative(0.25, .vector)),
          .normalisation: DitheredQuantizer(step: .relative(0.75, .vector)),
          .bias: DitheredQuantizer(step: .agreed(0.125)),
        ]
        recipe.layers += [("critic.norm", .normalisation, 90), ("critic.embed2.weight", .embedding, 40)]
        let plan = try recipe.plan()
        cases.append(
          GoldenCase(
            name: "dither-mixed-\(code.rawValue)-\(coding)", plan: plan,
            vector: plainVector(count: plan.map.dimension, seed: 201)))
      }
    }
    return cases
  }

  /// Laws of the family, tables, raw bits, and escapes with and without them.
  private static func ditherModels() throws -> [GoldenCase] {
    let bell = plainVector(count: 700, seed: 202)
    // Two points, far from every law of the family, in two lanes of rANS.
    var stream = RandomStream(key: RandomKey(seed: 203))
    let points = (0..<5000).map { _ in stream.next() % 3 == 0 ? Float(-1.25) : 0.75 }
    var tails = bell
    for i in stride(from: 5, to: tails.count, by: 70) { tails[i] = Float(i % 4 == 1 ? i : -i) * 0.125 }
    return try [
      single("raw-1", .relative(0.125, .layer), bell), single("raw-3", .relative(0.03125, .layer), bell),
      single("raw-8", .relative(0x1p-11, .layer), bell),
      single("finest", .relative(0x1p-16, .layer), Array(bell[..<100])),
      single("coarsest", .relative(0x1p16, .layer), Array(bell[..<100])),
      single("table", .relative(0.25, .layer), points), single("table-raw", .agreed(0.046875), points),
      single("escapes", .agreed(0.25), tails), single("escapes-raw", .agreed(0.0625), tails),
      single("lanes", .relative(0.5, .bucket(4096)), plainVector(count: 9000, seed: 204)),
    ]
  }

  /// Buckets without symbols: zeros, and buckets that travel exactly.
  private static func ditherBuckets() throws -> [GoldenCase] {
    let bell = plainVector(count: 4200, seed: 205)
    var holes = bell
    for i in 1024..<3072 { holes[i] = i % 2 == 0 ? 0 : -0.0 }
    holes[3100] = Float(bitPattern: 0x7FA0_0123)
    holes[4190] = -.infinity
    let small = Array(bell[..<90])
    var corners = small.map { $0 * 0.25 }
    corners[11] = -.infinity
    for i in 20..<30 { corners[i] = 0 }
    corners[32] = 0x1p-149
    for i in 40..<50 { corners[i] *= 0x1p-110 }
    for i in 50..<60 { corners[i] *= 0x1p110 }
    corners[65] = .nan
    corners[77] = 0x1p60
    var infinite = [Float](repeating: 0, count: 1100)
    infinite[1099] = .infinity
    return try [
      single("holes-agreed", .agreed(0.125), holes), single("holes-layer", .relative(0.25, .layer), holes),
      single("holes-bucket", .relative(0.25, .bucket(10)), corners),
      single("beyond-steps", .agreed(0x1p-22), small),
      single("zero-layer", .relative(0.5, .layer), [Float](repeating: 0, count: 2050)),
      single("zero-agreed", .agreed(0.5), [Float](repeating: -0.0, count: 3)),
      single("zero-buckets", .relative(0.5, .bucket(2)), [0, 0, 1, -2, 0]),
      single("exact-layer", .relative(0.5, .layer), small.map { $0 * 0x1p-110 }),
      single("exact-vector", .relative(0.5, .vector), small.map { $0 * 0x1p110 }),
      single("exact-beside-zeros", .relative(0.5, .layer), infinite),
    ]
  }

  /// Extreme steps, single coordinates, and numbers of every length in the header.
  private static func ditherCorners() throws -> [GoldenCase] {
    let small = plainVector(count: 40, seed: 206)
    return try [
      single("one-coordinate", .relative(0.5, .layer), [-2.5], step: .max, rank: .max),
      single("one-agreed", .agreed(1), [0.25], step: 1 << 40, rank: 128),
      single("one-bucket", .relative(0.5, .bucket(1 << 24)), [3], step: 128, rank: 127),
      single("least-agreed", .agreed(0x1p-100), small.map { $0 * 0x1p-98 }, step: 16_383, rank: 16_383),
      single("largest-agreed", .agreed(0x1p100), small.map { $0 * 0x1p102 }, step: 16_384, rank: 16_384),
    ]
  }
}
