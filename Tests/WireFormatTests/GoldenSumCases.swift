import LaminaNumerics
import Quantization
import WireFormat

/// The golden frames that are sums.
extension GoldenCase {
  static func sums() throws -> [GoldenCase] {
    try summedSteps() + summedBuckets() + summedMixtures()
  }

  /// One layer that is dithered.
  private static func single(
    _ name: String, _ step: DitheredQuantizer.Step, _ vectors: [[Float]], step number: UInt64 = 5, rank: UInt16 = 2
  ) throws -> GoldenCase {
    let recipe = PlanRecipe(
      layers: [("w", .linear, vectors[0].count)], quantizers: [:], dithered: [.linear: DitheredQuantizer(step: step)],
      seed: 23, levelEpoch: 1)
    return GoldenCase(name: "sum-\(name)", plan: try recipe.plan(), summing: vectors, step: number, rank: rank)
  }

  /// Vectors that differ in scale.
  private static func vectors(_ workers: Int, count: Int, seed: UInt64) -> [[Float]] {
    (0..<workers).map { worker in
      plainVector(count: count, seed: seed + UInt64(worker)).map { $0 * Float(1 + worker % 3) }
    }
  }

  /// Steps that all share, raw bits, escapes up to integers that binary32 rounds, and every number of workers.
  private static func summedSteps() throws -> [GoldenCase] {
    let three = vectors(3, count: 1500, seed: 400)
    var tails = three
    for i in stride(from: 5, to: 1500, by: 70) { tails[i % 3][i] = Float(i % 4 == 1 ? i : -i) * 0.25 }
    var large = vectors(3, count: 90, seed: 410)
    for worker in 0..<3 {
      large[worker][7] = 0x1p20 - 1 - Float(worker)
      large[worker][70] = 3 - 0x1p20
    }
    var many = vectors(64, count: 1100, seed: 420)
    for worker in stride(from: 1, to: 64, by: 3) {
      many[worker].replaceSubrange(1024..., with: repeatElement(0, count: 76))
    }
    return try [
      single("agreed", .agreed(0.5), three), single("vector", .relative(0.5, .vector), three),
      single("raw", .agreed(0x1p-6), three), single("escapes", .agreed(0.5), tails),
      single("escapes-large", .agreed(0.25), large),
      single("one-worker", .agreed(0.25), [three[0]], rank: 0),
      single("one-coordinate", .agreed(0.25), [[1], [-2.5]], step: .max, rank: .max),
      single("two-workers", .relative(1, .vector), Array(three[..<2]), step: 300, rank: 1),
      single("eight-workers", .agreed(0.5), vectors(8, count: 40, seed: 430)),
      single("nine-workers", .relative(0.25, .vector), vectors(9, count: 40, seed: 440), rank: 8),
      single("64-workers", .agreed(0.5), many, rank: 63),
      // As many as have no bit in a mask: their mean is rounded again.
      single("65-workers", .agreed(0.0625), vectors(65, count: 40, seed: 500), rank: 64),
    ]
  }

  /// Buckets that some workers have as zeros, all, or exactly.
  private static func summedBuckets() throws -> [GoldenCase] {
    var holes = vectors(3, count: 6000, seed: 600)
    for i in 0..<1024 { holes[0][i] = 0 }
    for i in 1024..<2048 { (holes[0][i], holes[1][i], holes[2][i]) = (0, -0.0, 0) }
    for i in 2048..<3072 { (holes[1][i], holes[2][i]) = (0, 0) }
    holes[1][3080] = Float(bitPattern: 0x7FA0_0123)
    (holes[0][3081], holes[1][3081]) = (.infinity, -.infinity)
    holes[2][4100] = -.infinity
    for i in 4096..<5120 { holes[0][i] = 0 }
    holes[0][5999] = 0x1p60
    let zeros = [[Float]](repeating: [Float](repeating: 0, count: 1030), count: 3)
    var lone = zeros
    lone[1][1029] = .infinity
    let tiny = vectors(3, count: 50, seed: 610).map { $0.map { $0 * 0x1p-110 } }
    return try [
      single("holes-agreed", .agreed(0.125), holes), single("holes-vector", .relative(0.25, .vector), holes),
      single("zero-agreed", .agreed(0.125), zeros), single("zero-vector", .relative(0.5, .vector), zeros),
      single("exact-beside-zeros", .relative(0.5, .vector), lone),
      single("exact-vector", .relative(0.5, .vector), tiny),
      single("beyond-steps", .agreed(0x1p-22), vectors(3, count: 40, seed: 620)),
    ]
  }

  /// Layers whose means are rounded again beside those whose integers add up.
  private static func summedMixtures() throws -> [GoldenCase] {
    var cases: [GoldenCase] = []
    for code in [LayerCode.Kind.fixedWidth, .huffman, .rans] {
      var recipe = PlanRecipe.mixed(code: code, coding: .main)
      recipe.quantizers[.linear] = LevelQuantizer(levels: .ternary, norm: .l2, scope: .vector)
      recipe.quantizers[.embedding] = nil
      recipe.dithered = [
        .embedding: DitheredQuantizer(step: .relative(0.25, .vector)),
        .normalisation: DitheredQuantizer(step: .relative(0.75, .bucket(20))),
        .bias: DitheredQuantizer(step: .agreed(0.125)),
      ]
      recipe.rotated[.attention] = EDENQuantizer(bits: 2, blockSize: 128)
      recipe.layers += [
        ("norm", .normalisation, 90), ("embed2", .embedding, 40), ("rotated", .attention, 140),
        ("exact", LayerType(rawValue: "exact"), 5),
      ]
      let plan = try recipe.plan()
      var vectors = vectors(3, count: plan.map.dimension, seed: 630)
      cases.append(GoldenCase(name: "sum-mixed-\(code.rawValue)", plan: plan, summing: vectors))
      guard code == .rans else { continue }
      // Without a scale for the layers that share one, an agreed step is as good as ever.
      for layer in plan.map.layers where layer.type == .embedding {
        for worker in 0..<3 {
          vectors[worker].replaceSubrange(layer.range, with: repeatElement(0, count: layer.range.count))
        }
      }
      cases.append(GoldenCase(name: "sum-mixed-zero-scale", plan: plan, summing: vectors))
      vectors[2][230] = .nan
      vectors[0][plan.map.dimension - 1] = .infinity
      cases.append(GoldenCase(name: "sum-mixed-not-finite", plan: plan, summing: vectors))
    }
    return cases
  }
}
