import LaminaNumerics
import Quantization
import RealModule
import Testing
import WireFormat

/// Coded size against the empirical entropy of order 0 of the integers, which no code of single integers can beat.
@Suite struct DitheredSizeTests {
  /// Steps, in standard deviations, at which the integers of a Gaussian have 3, 4 and 5 bits of entropy.
  private static let rates: [(bits: Double, step: Float)] = [(3, 0.5281), (4, 0.2597), (5, 0.1293)]

  @Test("2¹⁹ Gaussian coordinates take at most 0.5 % more than their entropy at 3 bits, 0.3 % at 4 and 5 bits")
  func long() throws {
    for (bits, step) in Self.rates {
      let vector = gaussian(count: 1 << 19, seed: UInt64(bits))
      let measured = try measure(vector, DitheredQuantizer(step: .relative(step, .layer)))
      #expect(abs(measured.entropy / Double(vector.count) - bits) < 0.02)
      #expect(Double(measured.layerBits) <= (bits == 3 ? 1.005 : 1.003) * measured.entropy, "\(measured)")
      #expect(Double(measured.layerBits) >= measured.entropy, "no code of single integers is better")
    }
  }

  @Test("A frame of 1,000 Gaussian coordinates takes at most 15 % more than their entropy, header and all")
  func short() throws {
    for (bits, step) in Self.rates {
      for seed in 0..<20 as Range<UInt64> {
        let vector = gaussian(count: 1000, seed: 100 + seed)
        for source in [DitheredQuantizer.Step.agreed(step), .relative(step, .layer)] {
          let measured = try measure(vector, DitheredQuantizer(step: source))
          #expect(abs(measured.entropy / 1000 - bits) < 0.15)
          #expect(Double(measured.frameBits) <= 1.15 * measured.entropy, "\(source), \(measured)")
        }
      }
    }
  }

  @Test("Other laws, layers of zeros with two live buckets, and fine steps stay near their entropy")
  func otherLaws() throws {
    let bell = gaussian(count: 1 << 16, seed: 5)
    var stream = RandomStream(key: RandomKey(seed: 6))
    // Laplace, by the logarithm of a uniform number; and the cube of a Gaussian, with very heavy tails.
    let laplace = bell.map { value in
      Float(-Double.log(stream.nextUnit() + 0x1p-40)) * (value < 0 ? -1 : 1)
    }
    let sparse = bell.enumerated().map { $0.offset / 1024 % 32 == 31 ? $0.element : 0 }
    for (vector, factor, excess) in [
      (laplace, Float(0.3), 1.01), (bell.map { $0 * $0 * $0 }, 0.3, 1.03), (sparse, 1.5, 1.09), (bell, 0.001, 1.01),
    ] {
      let measured = try measure(vector, DitheredQuantizer(step: .relative(factor, .layer)))
      #expect(Double(measured.layerBits) <= excess * measured.entropy, "\(measured)")
    }
  }

  private struct Measured {
    var frameBits: Int
    var layerBits: Int
    var entropy: Double
  }

  private func measure(_ vector: [Float], _ quantizer: DitheredQuantizer) throws -> Measured {
    let recipe = PlanRecipe(
      layers: [("w", .linear, vector.count)], quantizers: [:], dithered: [.linear: quantizer], seed: 17)
    var workshop = FrameWorkshop(try recipe.plan())
    let made = workshop.frame(of: vector, step: 100, rank: 3)
    let key = RandomKey(seed: 17).folding(100).folding(3).folding(0)
    let block = quantizer.quantize(vector.span, key: key)
    var escapes = block.escapes[...]
    var counts: [Int: Int] = [:]
    for (i, number) in block.numbers.enumerated() {
      let high = number == DitheredBlock.escapeNumber ? Int(escapes.popFirst() ?? 0) : Int(number) - 16
      counts[high << block.rawBits | (block.rawBits > 0 ? Int(block.lows[i]) : 0), default: 0] += 1
    }
    let total = Double(block.numbers.count)
    let entropy = counts.values.sorted().reduce(0.0) { $0 - Double($1) * Double.log2(Double($1) / total) }
    return Measured(frameBits: 8 * made.bytes.count, layerBits: made.traffic.total, entropy: entropy)
  }

  /// Gaussian coordinates by the method of Box and Muller.
  private func gaussian(count: Int, seed: UInt64) -> [Float] {
    var stream = RandomStream(key: RandomKey(seed: seed))
    return (0..<count).map { _ in
      let radius = (-2 * Double.log(stream.nextUnit() + 0x1p-54)).squareRoot()
      return Float(radius * Double.cos(2 * Double.pi * stream.nextUnit()))
    }
  }
}
