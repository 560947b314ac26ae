import LaminaNumerics
import Quantization
import Testing

/// Levels without zero: algorithms with all 2ᵇ codewords of a field.
@Suite struct MirroredLevelsTests {
  private let levels = Levels.uniform(intervals: 4).mirroredWithoutZero()

  @Test("Mirroring drops zero and fills every codeword of a field")
  func mirrored() {
    #expect(levels.values == [-1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1])
    #expect(levels.areSigned && !levels.containZero)
    #expect(levels.fieldWidth == 3)
    #expect(Levels.ternary.mirroredWithoutZero().values == [-1, 1])
    #expect(Levels.ternary.mirroredWithoutZero().fieldWidth == 1)
  }

  @Test("In the centre bin the variance is ℓ₁² − r², and the mean is r")
  func centreBin() {
    // The first coordinate fixes the maximum norm at 1; the others lie in [−ℓ₁, ℓ₁].
    let centre = (0..<63).map { Float($0 - 31) / 128 }
    let bucket = [1] + centre
    let quantizer = LevelQuantizer(levels: levels, norm: .max, scope: .bucket(64))
    let expected = centre.reduce(0.0) { $0 + 0.0625 - Double($1) * Double($1) }
    #expect(abs(quantizer.variance(bucket) - expected) < 1e-12)

    let repeats = 20_000
    let vector = (0..<64 * repeats).map { bucket[$0 % 64] }
    let decoded = quantizer.decoded(quantizer.symbols(vector, key: RandomKey(seed: 8)))
    for (i, value) in bucket.enumerated() {
      let mean = stride(from: i, to: decoded.count, by: 64).reduce(0.0) { $0 + Double(decoded[$1]) } / Double(repeats)
      let variance = i == 0 ? 0 : 0.0625 - Double(value) * Double(value)
      #expect(abs(mean - Double(value)) <= 5 * (variance / Double(repeats)).squareRoot() + 0x1p-21)
      #expect(i == 0 || stride(from: i, to: decoded.count, by: 64).allSatisfy { abs(decoded[$0]) == 0.25 })
    }
  }
}
