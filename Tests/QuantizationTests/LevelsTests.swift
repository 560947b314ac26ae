import Quantization
import Testing

@Suite struct LevelsTests {
  @Test("Lists that are no level sequence are refused with the reason")
  func refusals() {
    #expect(throws: LevelsError.tooFew(count: 1)) { try Levels([1]) }
    #expect(throws: LevelsError.wrongEnds(first: 0.1, last: 1)) { try Levels([0.1, 1]) }
    #expect(throws: LevelsError.wrongEnds(first: 0, last: 0.9)) { try Levels([0, 0.9]) }
    #expect(throws: LevelsError.notIncreasing(index: 2)) { try Levels([0, 0.5, 0.5, 1]) }
    #expect(throws: LevelsError.notIncreasing(index: 1)) { try Levels([0, .nan, 1]) }
    #expect(throws: LevelsError.notIncreasing(index: 2)) { try Levels([0, .infinity, 1]) }
    #expect(throws: LevelsError.notIncreasing(index: 1)) { try Levels([0, 0x1p-126, 1]) }
    #expect(throws: LevelsError.tooMany(count: 129, limit: 128)) { try Levels((0...128).map { Float($0) / 128 }) }
    #expect(throws: LevelsError.tooMany(count: 257, limit: 256)) { try Levels((0...256).map { Float($0) / 128 - 1 }) }
  }

  @Test("Levels know their support, their zero and the width of a field")
  func properties() throws {
    let signed = try Levels([-1, 0, 1])
    #expect(signed.areSigned && signed.containZero && signed.fieldWidth == 2 && signed.interiorCount == 1)
    let magnitudes = try Levels([-0.0, 0.5, 1])
    #expect(magnitudes.values[0].sign == .plus && !magnitudes.areSigned && magnitudes.containZero)
    let widths = [2: 2, 3: 3, 4: 3, 5: 4, 8: 4, 9: 5, 16: 5, 17: 6, 65: 8, 128: 8]
    for (count, width) in widths { #expect(Levels.uniform(intervals: count - 1).fieldWidth == width) }
  }

  @Test("Families have the levels of their papers")
  func families() throws {
    #expect(Levels.uniform(intervals: 4).values == [0, 0.25, 0.5, 0.75, 1])
    #expect(Levels.exponential(multiplier: 0.5, interiorCount: 3).values == [0, 0.125, 0.25, 0.5, 1])
    #expect(Levels.exponential(multiplier: 0.5, interiorCount: 0) == .ternary)
    for levels in [
      Levels.exponential(multiplier: 0.5, interiorCount: 126), .exponential(multiplier: 0.99, interiorCount: 126),
    ] {
      #expect(levels.count == 128)
      #expect(try Levels(levels.values) == levels)
    }
    // 2⁻¹²⁶ … 2⁻¹²⁴ give way to the smallest gap; the larger powers stand where they belong.
    let halves = Levels.exponential(multiplier: 0.5, interiorCount: 126).values
    for index in 4...127 { #expect(halves[index] == Float(sign: .plus, exponent: index - 127, significand: 1)) }
  }
}
