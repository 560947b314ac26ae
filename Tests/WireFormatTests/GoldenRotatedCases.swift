import LaminaNumerics
import Quantization
import WireFormat

/// The golden frames with rotated layers.
extension GoldenCase {
  static func rotated() throws -> [GoldenCase] {
    try rotatedForms() + rotatedBlocks() + rotatedMixtures()
  }

  /// One layer that is rotated.
  private static func single(
    _ name: String, _ quantizer: EDENQuantizer, _ vector: [Float], step: UInt64 = 5, rank: UInt16 = 2
  ) throws -> GoldenCase {
    let recipe = PlanRecipe(
      layers: [("w", .linear, vector.count)], quantizers: [:], rotated: [.linear: quantizer], seed: 22, levelEpoch: 1)
    return GoldenCase(name: "rotated-\(name)", plan: try recipe.plan(), vector: vector, step: step, rank: rank)
  }

  /// Every width, blocks of both parities of the exponent, every number of rounds, and tails.
  private static func rotatedForms() throws -> [GoldenCase] {
    let vector = plainVector(count: 700, seed: 300)
    return try (1...8).map { bits in
      try single("\(bits)-bits", EDENQuantizer(bits: bits, blockSize: bits % 2 == 0 ? 256 : 128), vector)
    } + [
      single("one-round", EDENQuantizer(bits: 2, blockSize: 512, rounds: 1), vector),
      single("four-rounds", EDENQuantizer(bits: 2, blockSize: 256, rounds: 4), vector),
      single("usual", EDENQuantizer(bits: 1), plainVector(count: 4096 + 130, seed: 301)),
      single("largest", EDENQuantizer(bits: 3, blockSize: EDENQuantizer.largestBlock), vector),
      single("one-coordinate", EDENQuantizer(bits: 1), [-2.5], step: .max, rank: .max),
      single("two-in-tail", EDENQuantizer(bits: 4, blockSize: 128), Array(vector[..<130])),
    ]
  }

  /// Blocks without symbols: zeros, and blocks that travel exactly.
  private static func rotatedBlocks() throws -> [GoldenCase] {
    var holes = plainVector(count: 1100, seed: 302)
    for i in 128..<256 { holes[i] = i % 2 == 0 ? 0 : -0.0 }
    holes[300] = Float(bitPattern: 0x7FA0_0123)
    holes[301] = -0.0
    holes[400] = -.infinity
    for i in 512..<640 { holes[i] *= 0x1p-110 }
    for i in 640..<768 { holes[i] *= 0x1p110 }
    // An ordinary norm whose scale is too small.
    for i in 768..<896 { holes[i] *= 0x1p-101 }
    return try [
      single("holes", EDENQuantizer(bits: 3, blockSize: 128), holes),
      single("zero", EDENQuantizer(bits: 2, blockSize: 128), [Float](repeating: -0.0, count: 200)),
      single("exact", EDENQuantizer(bits: 2, blockSize: 128), holes[640..<768].map { $0 }),
    ]
  }

  /// Beside levels, dither and exact layers, under both protocols.
  private static func rotatedMixtures() throws -> [GoldenCase] {
    try CodingProtocol.allCases.map { coding in
      var recipe = PlanRecipe.mixed(code: .rans, coding: coding)
      recipe.quantizers[.embedding] = nil
      recipe.rotated = [.embedding: EDENQuantizer(bits: 2), .normalisation: EDENQuantizer(bits: 5, blockSize: 128)]
      recipe.dithered = [.bias: DitheredQuantizer(step: .relative(0.25, .vector))]
      recipe.layers += [("critic.norm", .normalisation, 190), ("critic.embed2.weight", .embedding, 40)]
      let plan = try recipe.plan()
      return GoldenCase(
        name: "rotated-mixed-\(coding)", plan: plan, vector: plainVector(count: plan.map.dimension, seed: 303))
    }
  }
}
