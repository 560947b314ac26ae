import LaminaNumerics
import Quantization
import RealModule
import Testing
import WireFormat

@Suite struct CodeLengthBoundTests {
  @Test("Fact 9: the measured Main and Alternating lengths stay below the papers' bounds")
  func measured() throws {
    for quantizers in Self.quantizerPairs {
      let measured = try Measured(quantizers: quantizers, code: .huffman)
      #expect(Double(measured.mainBits) <= measured.bound.main, "\(measured.mainBits), \(measured.bound.main)")
      #expect(Double(measured.alternatingBits) <= measured.bound.alternating)
      // The bounds are not idle: one bit per coordinate is what Huffman's code is allowed to lose.
      #expect(Double(measured.mainBits) >= measured.bound.main - Double(measured.bound.dimension))
    }
  }

  @Test("Fact 9: Alternating minus Main entropy is H(μ), for two equal types 1 bit")
  func gap() throws {
    for quantizers in Self.quantizerPairs {
      let bound = try Measured(quantizers: quantizers, code: .rans).bound
      #expect(abs(bound.alternatingEntropy - bound.mainEntropy - bound.typeEntropy) < 1e-12)
      #expect(abs(bound.alternating - bound.main - Double(bound.dimension) * bound.typeEntropy) < 1e-6)
    }
    let p = [0.25, 0.5, 0.25]
    let equal = CodeLengthBound(
      dimension: 10, types: [.init(share: 0.5, probabilities: p), .init(share: 0.5, probabilities: p)])
    #expect(equal.alternatingEntropy - equal.mainEntropy == 1)
    #expect(equal.main == 32 + 10 * (0.75 + 1.5 + 1) && equal.alternating == equal.main + 10)
  }

  @Test("Fact 9: with rANS the measured gap of the protocols is H(μ) per coordinate, within 1 %")
  func measuredGap() throws {
    for quantizers in Self.quantizerPairs {
      let measured = try Measured(quantizers: quantizers, code: .rans)
      let perCoordinate = Double(measured.alternatingBits - measured.mainBits) / Double(measured.bound.dimension)
      #expect(abs(perCoordinate - measured.bound.typeEntropy) <= 0.01 * measured.bound.typeEntropy)
    }
  }

  @Test("Expected non-zeros stay below min{d, d^(1 − 1/q)/ℓ₁}, and equal coordinates attain it")
  func nonZeros() {
    for exponent in [1, 1.5, 2, 3, Double.infinity] {
      for firstLevel in [0.5, 0.1, 0.001] {
        let equal = [Double](repeating: 1, count: 100)
        let uneven = (1...100).map { 1 / Double($0) }
        for vector in [equal, uneven] {
          let norm =
            exponent == .infinity
            ? vector.max() ?? 1 : Double.pow(vector.reduce(0) { $0 + Double.pow($1, exponent) }, 1 / exponent)
          let expected = vector.reduce(0) { $0 + min(1, $1 / norm / firstLevel) }
          let bound = CodeLengthBound.expectedNonZeros(dimension: 100, firstLevel: firstLevel, exponent: exponent)
          #expect(expected <= bound * (1 + 1e-12))
          if vector == equal { #expect(expected >= bound * (1 - 1e-12)) }
        }
      }
    }
  }

  @Test("Theorem 3 of ALQ is no less than what Main and Alternating promise for one type")
  func adaptiveLevels() {
    let p = [0.7, 0.2, 0.08, 0.02]
    let d = 1000
    // 1 − p₀ is at most n/d for the vectors that the theorem speaks of.
    let nonZeros = CodeLengthBound.expectedNonZeros(dimension: d, firstLevel: 0.1, exponent: 2)
    #expect(nonZeros / Double(d) >= 0.3)
    let type = CodeLengthBound(dimension: d, types: [.init(share: 1, probabilities: p)])
    let theorem = CodeLengthBound.adaptiveLevels(
      dimension: d, firstLevel: 0.1, exponent: 2, entropy: type.mainEntropy)
    #expect(theorem >= type.main && type.main == type.alternating)
    #expect(abs(theorem - (32 + 100 + 1000.0.squareRoot() * 10 + 1000 * (type.mainEntropy + 1))) < 1e-9)
  }

  @Test(
    "QSGD with s = √d takes at most 2.8 d + 32 bits in the paper's dense regime, 3 + 1.5 log₂ 2 bits for 2d non-zeros")
  func qsgd() {
    #expect(CodeLengthBound.uniformElias(dimension: 1024, intervals: 32) == 4.5 * 2048 + 32)
    #expect(CodeLengthBound.uniformElias(dimension: 1 << 20, intervals: 1) < Double(32 << 20) / 100)
  }

  /// Types of equal and of unequal sizes.
  private static let quantizerPairs: [[LevelQuantizer]] = [
    [
      LevelQuantizer(levels: .uniform(intervals: 4), norm: .max, scope: .vector),
      LevelQuantizer(levels: .uniform(intervals: 4), norm: .max, scope: .vector),
    ],
    [
      LevelQuantizer(levels: .exponential(multiplier: 0.5, interiorCount: 5), norm: .max, scope: .vector),
      LevelQuantizer(levels: .ternary, norm: .max, scope: .vector),
      LevelQuantizer(levels: Levels.uniform(intervals: 3).mirroredWithoutZero(), norm: .max, scope: .vector),
    ],
  ]
}

/// One vector under both protocols, with codes made from the symbols that it has.
private struct Measured {
  var mainBits = 0
  var alternatingBits = 0
  let bound: CodeLengthBound

  init(quantizers: [LevelQuantizer], code: LayerCode.Kind) throws {
    let counts = quantizers.indices.map { 40_000 / ($0 + 1) * quantizers.count }
    var start = 0
    let layers = counts.enumerated().map { number, count in
      defer { start += count }
      return Layer(name: "l\(number)", type: LayerType(rawValue: "t\(number)"), range: start..<start + count)
    }
    let map = try LayerMap(layers)
    let vector = plainVector(count: map.dimension, seed: 44)
    let shared = Norm.max(vector.span)
    let key = RandomKey(seed: 0).folding(0).folding(0)
    let probabilities = layers.enumerated().map { number, layer in
      let part = Array(vector[layer.range])
      let symbols = quantizers[number].quantize(part.span, key: key.folding(UInt64(number)), vectorNorm: shared)
      var seen = [Double](repeating: 0, count: quantizers[number].levels.count)
      for symbol in symbols.symbols { seen[Int(quantizers[number].levels.areSigned ? symbol : symbol & 0x7F)] += 1 }
      return seen.map { $0 / Double(part.count) }
    }
    let shares = layers.map { Double($0.range.count) / Double(map.dimension) }
    bound = CodeLengthBound(
      dimension: map.dimension,
      types: layers.indices.map {
        .init(share: shares[$0], probabilities: probabilities[$0], hasSigns: !quantizers[$0].levels.areSigned)
      })
    let union = layers.indices.flatMap { number in probabilities[number].map { shares[number] * $0 } }
    for coding in CodingProtocol.allCases {
      let plans = layers.indices.map { number in
        let table = coding == .main ? probabilities[number] : union
        return (layers[number].type, LayerPlan.levels(quantizers[number], LayerCode(code, probabilities: table)))
      }
      var workshop = FrameWorkshop(
        try QuantizationPlan(map: map, plans: Dictionary(uniqueKeysWithValues: plans), coding: coding, seed: 0))
      let traffic = workshop.frame(of: vector).traffic
      let bits = traffic.norms + traffic.symbols
      if coding == .main { mainBits = bits } else { alternatingBits = bits }
    }
  }
}
