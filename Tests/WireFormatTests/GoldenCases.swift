import Testing
import LaminaNumerics
import Quantization
import WireFormat

/// A frame that is kept in Golden/valid, with all that it is made of.
struct GoldenCase: CustomTestStringConvertible, Sendable {
  let name: String
  let plan: QuantizationPlan
  /// The vector, or one for each worker.
  let vectors: [[Float]]
  let kind: FrameHeader.Kind
  let step: UInt64
  let rank: UInt16

  var testDescription: String { name }
  /// How many workers the frame is the sum of, nil where it is of one.
  var workers: Int? { kind == .sum ? vectors.count : nil }

  /// The frame of one worker's vector.
  init(name: String, plan: QuantizationPlan, vector: [Float], step: UInt64 = 5, rank: UInt16 = 2) {
    (self.name, self.plan, self.vectors, self.kind, self.step, self.rank) = (name, plan, [vector], .local, step, rank)
  }

  /// The frame of the mean of several.
  init(name: String, plan: QuantizationPlan, summing vectors: [[Float]], step: UInt64 = 5, rank: UInt16 = 2) {
    (self.name, self.plan, self.vectors, self.kind, self.step, self.rank) = (name, plan, vectors, .sum, step, rank)
  }

  func made() throws -> FrameWorkshop.Made {
    var workshop = FrameWorkshop(plan)
    return kind == .sum
      ? try workshop.sum(of: vectors, step: step, rank: rank)
      : workshop.frame(of: vectors[0], step: step, rank: rank)
  }

  func decoded(_ frame: [UInt8]) throws(WireFormatError) -> [Float] {
    try FrameWorkshop(plan).decode(frame, step: step, rank: Int(rank), workers: workers)
  }

  static func all() throws -> [GoldenCase] {
    try codes() + scopes() + buckets() + alphabets() + corners() + dithered() + rotated() + sums()
  }

  /// Every code under both protocols.
  private static func codes() throws -> [GoldenCase] {
    try CodingProtocol.allCases.flatMap { coding in
      try LayerCode.Kind.allCases.map { kind in
        GoldenCase(
          name: "\(kind.rawValue)-\(coding)", plan: try PlanRecipe.mixed(code: kind, coding: coding).plan(),
          vector: plainVector(count: 400, seed: 100))
      }
    }
  }

  /// One norm for the vector: ordinary, zero and not finite.
  private static func scopes() throws -> [GoldenCase] {
    var recipe = PlanRecipe.mixed(code: .huffman, coding: .main)
    for type in [LayerType.convolution, .linear] {
      guard let levels = recipe.quantizers[type]?.levels else { continue }
      recipe.quantizers[type] = LevelQuantizer(levels: levels, norm: .l2, scope: .vector)
    }
    recipe.quantizers[.embedding] = LevelQuantizer(levels: .uniform(intervals: 7), norm: .l2, scope: .layer)
    let plan = try recipe.plan()
    let vector = plainVector(count: 400, seed: 101)
    var zero = [Float](repeating: 0, count: 400)
    zero[205] = 1
    var infinite = vector
    infinite[220] = .infinity
    return [
      GoldenCase(name: "vector-norm", plan: plan, vector: vector),
      GoldenCase(name: "vector-norm-zero", plan: plan, vector: zero),
      GoldenCase(name: "vector-norm-exact", plan: plan, vector: infinite),
    ]
  }

  /// Buckets without symbols: zeros, and buckets that travel exactly.
  private static func buckets() throws -> [GoldenCase] {
    var zeros = plainVector(count: 400, seed: 102)
    for i in 64..<128 { zeros[i] = i % 2 == 0 ? 0 : -0.0 }
    for i in 207..<303 { zeros[i] = 0 }
    var exact = plainVector(count: 400, seed: 103)
    exact[3] = .nan
    exact[190] = -.infinity
    for i in 64..<128 { exact[i] *= 0x1p-110 }
    for i in 303..<319 { exact[i] *= 0x1p110 }
    exact[200] = -0.0
    exact[201] = 0x1p-149
    return try [
      GoldenCase(name: "zero-buckets", plan: PlanRecipe.mixed(code: .rans, coding: .main).plan(), vector: zeros),
      GoldenCase(
        name: "zero-vector", plan: PlanRecipe.mixed(code: .eliasOmega, coding: .alternating).plan(),
        vector: [Float](repeating: 0, count: 400)),
      GoldenCase(name: "exact-buckets", plan: PlanRecipe.mixed(code: .fixedWidth, coding: .main).plan(), vector: exact),
      GoldenCase(
        name: "exact-buckets-coded", plan: PlanRecipe.mixed(code: .eliasGamma, coding: .main).plan(), vector: exact),
    ]
  }

  /// Fields of every width with whole blocks and tails, lanes of rANS, long codewords, and tables of 14 bits.
  private static func alphabets() throws -> [GoldenCase] {
    var long = PlanRecipe.magnitudeWidths(5...5, count: 9000)
    long.code = .rans
    long.weight = { 1 / Double(1 << $0) }
    var deep = PlanRecipe.magnitudeWidths(8...8, count: 600)
    deep.code = .huffman
    deep.weight = { 1 / Double(1 << min($0, 60)) }
    var large = PlanRecipe.signedWidths(8...8, count: 40)
    let shared = large.quantizers[LayerType(rawValue: "t8")]
    for number in 1...4 {
      let type = LayerType(rawValue: "u\(number)")
      large.layers.append(("more\(number)", type, 40))
      large.quantizers[type] = shared
    }
    large.coding = .alternating
    var cases = try [
      GoldenCase(
        name: "widths-signed", plan: PlanRecipe.signedWidths(1...8, count: 529).plan(),
        vector: plainVector(count: 8 * 529, seed: 104)),
      GoldenCase(
        name: "widths-magnitudes", plan: PlanRecipe.magnitudeWidths(2...8, count: 1041).plan(),
        vector: plainVector(count: 7 * 1041, seed: 105)),
      GoldenCase(name: "rans-lanes", plan: long.plan(), vector: plainVector(count: 9000, seed: 106)),
      GoldenCase(name: "huffman-long", plan: deep.plan(), vector: plainVector(count: 600, seed: 107)),
    ]
    for kind in [LayerCode.Kind.fixedWidth, .eliasDelta, .huffman, .rans] {
      large.code = kind
      cases.append(
        GoldenCase(
          name: "union-1280-\(kind.rawValue)", plan: try large.plan(), vector: plainVector(count: 200, seed: 108)))
    }
    return cases
  }

  private static func corners() throws -> [GoldenCase] {
    var almostOne = PlanRecipe.mixed(code: .rans, coding: .main)
    almostOne.weight = { $0 == 0 ? 1 : 0 }
    var one = PlanRecipe(layers: [("w", .linear, 1)], quantizers: [:], code: .eliasDelta, seed: .max)
    one.quantizers[.linear] = LevelQuantizer(levels: .uniform(intervals: 127), norm: .l2, scope: .bucket(1 << 24))
    var exponents = PlanRecipe.magnitudeWidths(3...5, count: 20)
    for (number, norm) in [(3, Norm.l1), (4, .lq(1.5)), (5, .lq(3))] {
      let type = LayerType(rawValue: "t\(number)")
      guard let levels = exponents.quantizers[type]?.levels else { continue }
      exponents.quantizers[type] = LevelQuantizer(levels: levels, norm: norm, scope: .bucket(5))
    }
    // One coordinate in a bucket has its magnitude for every norm, on every platform.
    let sparse = (0..<60).map { $0 % 5 == 2 ? Float($0) - 30.5 : 0 }
    let words = PlanRecipe(
      layers: [("größe/重み", LayerType(rawValue: "Schlüssel"), 3), ("b", .bias, 2)],
      quantizers: [LayerType(rawValue: "Schlüssel"): LevelQuantizer(levels: .ternary, norm: .max, scope: .bucket(1))])
    return try [
      GoldenCase(name: "almost-one-symbol", plan: almostOne.plan(), vector: plainVector(count: 400, seed: 109)),
      GoldenCase(name: "one-coordinate", plan: one.plan(), vector: [-2.5], step: .max, rank: .max),
      GoldenCase(name: "norm-exponents", plan: exponents.plan(), vector: sparse),
      GoldenCase(name: "names", plan: words.plan(), vector: [1, -0.25, 3, 7, -8]),
      GoldenCase(
        name: "exact-only", plan: PlanRecipe(layers: [("b", .bias, 4)], quantizers: [:]).plan(),
        vector: [1.5, -0.0, 0x1p-149, .infinity], step: 0, rank: 0),
    ]
  }
}
