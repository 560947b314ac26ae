import Testing

/// Expected values: algorithms.md, sections 3.8 and 4.3.
@Suite("lamina levels fit")
struct LevelsFitTests {
  private struct Fit {
    let levels: [Double]
    let multiplier: Double?
    let variance: Double
    let probabilities: [Double]
    let entropy: Double
    let lengths: [Int]
    let bits: Double

    init(_ run: CommandLineRun) throws {
      let json = try run.json()
      #expect(
        json.keys.sorted() == [
          "entropyBits", "expectedVariance", "huffmanBits", "huffmanLengths", "levels", "multiplier", "probabilities",
        ])
      levels = try #require(json["levels"] as? [Double])
      multiplier = json["multiplier"] as? Double
      variance = try #require(json["expectedVariance"] as? Double)
      probabilities = try #require(json["probabilities"] as? [Double])
      entropy = try #require(json["entropyBits"] as? Double)
      lengths = try #require(json["huffmanLengths"] as? [Int])
      bits = try #require(json["huffmanBits"] as? Double)
    }
  }

  private func fit(_ law: String, _ interior: Int, _ method: String) throws -> Fit {
    try Fit(
      CommandLineRun(
        "levels", "fit", "--distribution", law, "--interior", "\(interior)", "--method", method, "--json"))
  }

  @Test(
    "Fact 4: ALQ levels and variances of truncated normal laws",
    arguments: [
      ("0.05", 1, 2.330949e-3, [0.102742]),
      ("0.05", 3, 3.390719e-4, [0.034873, 0.076545, 0.148611]),
      (
        "0.05", 7, 6.664830e-5, [0.015240, 0.030967, 0.047788, 0.066632, 0.089269, 0.120240, 0.180560]
      ),
      ("0.1", 1, 7.197707e-3, [0.175191]),
      ("0.1", 3, 1.215753e-3, [0.065963, 0.143193, 0.265313]),
      (
        "0.1", 7, 2.532138e-4, [0.029713, 0.060328, 0.092954, 0.129255, 0.172294, 0.229451, 0.330031]
      ),
    ])
  func alq(sigma: String, interior: Int, variance: Double, levels: [Double]) throws {
    let fit = try fit("truncated-normal:0,\(sigma)", interior, "alq")
    #expect(fit.levels.count == interior + 2)
    #expect(fit.levels.first == 0 && fit.levels.last == 1)
    for (found, expected) in zip(fit.levels.dropFirst(), levels) { #expect(abs(found - expected) < 1e-5) }
    #expect(abs(fit.variance / variance - 1) < 1e-6)
    #expect(fit.multiplier == nil)
  }

  @Test(
    "Fact 4: uniform and exponential variances of truncated normal laws",
    arguments: [
      ("0.05", 3, 7.473560e-3, 2.536884e-3), ("0.05", 7, 2.536883e-3, 2.054734e-4),
      ("0.1", 3, 1.014753e-2, 2.653219e-3), ("0.1", 7, 2.604162e-3, 8.181024e-4),
    ])
  func families(sigma: String, interior: Int, uniform: Double, exponential: Double) throws {
    let law = "truncated-normal:0,\(sigma)"
    #expect(abs(try fit(law, interior, "uniform").variance / uniform - 1) < 1e-6)
    let powers = try fit(law, interior, "exponential:0.5")
    #expect(abs(powers.variance / exponential - 1) < 1e-6)
    #expect(powers.multiplier == 0.5)
  }

  @Test(
    "Fact 5: AMQ multipliers and variances, both forms",
    arguments: [
      ("0.05", 3, "amq", 0.29394, 7.876181e-4), ("0.05", 3, "amq-zero", 0.32992, 5.938099e-4),
      ("0.05", 7, "amq", 0.54111, 1.863199e-4), ("0.05", 7, "amq-zero", 0.57691, 1.505159e-4),
      ("0.1", 3, "amq", 0.36029, 2.404358e-3), ("0.1", 3, "amq-zero", 0.41718, 1.692588e-3),
      ("0.1", 7, "amq", 0.59215, 5.501237e-4), ("0.1", 7, "amq-zero", 0.63026, 4.336703e-4),
    ])
  func amq(sigma: String, powers: Int, method: String, multiplier: Double, variance: Double) throws {
    let fit = try fit("truncated-normal:0,\(sigma)", powers, method)
    #expect(abs(try #require(fit.multiplier) - multiplier) < 1e-4)
    #expect(abs(fit.variance / variance - 1) < 1e-6)
    #expect(fit.levels.count == (method == "amq" ? 2 * (powers + 1) : powers + 2))
  }

  @Test("Fact 8: probabilities, entropy and Huffman lengths of the example")
  func symbols() throws {
    let alq = try fit("truncated-normal:0,0.1", 3, "alq")
    for (found, expected) in zip(alq.probabilities, [0.254012, 0.438492, 0.253565, 0.053595, 0.000336]) {
      #expect(abs(found - expected) < 1e-5)
    }
    #expect(abs(alq.entropy - 1.75582) < 1e-5)
    #expect(alq.lengths == [2, 1, 3, 4, 4])
    #expect(abs(alq.bits - 1.92294) < 1e-5)
    let uniform = try fit("truncated-normal:0,0.1", 3, "uniform")
    #expect(abs(uniform.entropy - 0.91624) < 1e-5)
    #expect(uniform.lengths == [1, 2, 3, 4, 4])
    #expect(abs(uniform.bits - 1.31915) < 1e-5)
    #expect(abs(uniform.probabilities.reduce(0, +) - 1) < 1e-12)
  }

  /// With one level ℓ, dΨ/dℓ = F-part: ∫₀^ℓ r dF = ∫_ℓ^1 (1 − r) dF; for a flat law that is ℓ²/2 = (1 − ℓ)²/2.
  @Test("A Laplace law of large scale is flat, and the best single level is its middle")
  func laplace() throws {
    let flat = try fit("laplace:1000000", 1, "alq")
    #expect(abs(flat.levels[1] - 0.5) < 1e-6)
    #expect(abs(flat.variance - 1.0 / 24) < 1e-6)
    // ∫₀^1 r(1 − r) dF = E r − E r² for the law of density e^(−r/b)/b, whose mass above 1 is below 1e-21 at b = 0.02.
    let ternary = try fit("laplace:0.02", 0, "uniform")
    #expect(abs(ternary.variance / (0.02 - 2 * 0.02 * 0.02) - 1) < 1e-9)
  }

  @Test("A file is divided by the norms of its buckets")
  func file() throws {
    let folder = try TestFolder()
    // Two buckets of equal shape and different norm: magnitudes 0.25, 0.5 and 1 of the maximum.
    try folder.write([0.25, -0.5, 1, 0.5, -1, 2].map(Float.init), "x.f32")
    let fit = try Fit(
      CommandLineRun(
        "levels", "fit", "--file", "x.f32", "--interior", "2", "--method", "optimal", "--norm", "max", "--bucket",
        "3", "--json", folder: folder))
    #expect(abs(fit.levels[1] - 0.25) < 1e-3 && abs(fit.levels[2] - 0.5) < 1e-3)
    #expect(fit.variance < 1e-5)
    for (found, expected) in zip(fit.probabilities, [0, 1 / 3.0, 1 / 3.0, 1 / 3.0]) {
      #expect(abs(found - expected) < 1e-2)
    }
  }
}
