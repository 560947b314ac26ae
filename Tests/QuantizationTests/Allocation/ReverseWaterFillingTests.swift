import LaminaNumerics
import Quantization
import RealModule
import Testing

@Suite("Reverse water-filling")
struct ReverseWaterFillingTests {
  private func part(
    _ name: String, _ law: ExactLaw, scale: Float, coordinates: Int, weight: Double = 1
  ) -> ReverseWaterFilling.Part {
    ReverseWaterFilling.Part(
      type: LayerType(rawValue: name), coordinates: coordinates,
      statistics: law.histogram(count: 1 << 12, scale: scale),
      weight: weight)
  }

  /// The three layers of algorithms.md, section 5.5: σ = 1, .1, 3 and shares .5, .3, .2.
  private var threeLayers: [ReverseWaterFilling.Part] {
    [
      part("a", .gaussian, scale: 1, coordinates: 500), part("b", .gaussian, scale: 0.1, coordinates: 300),
      part("c", .gaussian, scale: 3, coordinates: 200),
    ]
  }

  @Test("Equal rates cost ½ log₂(AM/GM) = 1.281 bits more at equal error")
  func priceOfEqualRates() throws {
    let filling = try ReverseWaterFilling(threeLayers)
    let common = filling.allocation(relativeError: 1e-4)
    let meanSquare = threeLayers.reduce(0) { $0 + Double($1.coordinates) / 1000 * $1.statistics.law.meanSquare }
    let equal = threeLayers.reduce(0) { sum, part in
      let step = (12e-4 * part.statistics.law.meanSquare).squareRoot()
      return sum + Double(part.coordinates) / 1000 * part.statistics.entropyBits(step: step)
    }
    let geometric = 0.3 * Double.log(0.01) + 0.2 * Double.log(9)
    let predicted = (Double.log(meanSquare) - geometric) / (2 * Double.log(2))
    #expect(abs(predicted - 1.281) < 0.005)
    #expect(abs(equal - common.bitsPerCoordinate - predicted) < 0.02)
  }

  @Test("A budget counts exact coordinates and overhead, is not exceeded, and is spent")
  func budget() throws {
    let filling = try ReverseWaterFilling(threeLayers)
    for bits in [0.5, 1, 2, 3, 5, 8] {
      let budget = ModelBudget(bitsPerCoordinate: bits + 0.5, exactCoordinates: 10, overheadBits: 100)
      let found = try filling.allocation(within: budget)
      #expect(found.rule == .commonStep)
      let spent = found.shares.reduce(320 + 100) { $0 + $1.bits } / 1010
      #expect(spent <= bits + 0.5 && bits + 0.5 - spent < 1e-6)
      #expect(abs(found.bitsPerCoordinate - spent) < 1e-12)
      for (share, part) in zip(found.shares, threeLayers) {
        #expect(share.type == part.type && share.coordinates == part.coordinates)
        #expect(share.step == found.commonStep && share.squaredError == share.step * share.step / 12)
        #expect(share.bitsPerCoordinate == part.statistics.entropyBits(step: share.step))
        #expect(share.isUnderWater == (part.statistics.law.meanSquare <= share.step * share.step / 12))
      }
      #expect(abs(found.shares.reduce(0) { $0 + $1.shareOfBits } - 1) < 1e-12)
    }
  }

  @Test("A relative error is met exactly, and the steps of weighted types go as w^-½")
  func relativeErrorAndWeights() throws {
    let weights = [1.0, 4, 0.25]
    let parts = zip(threeLayers, weights).map { part, weight in
      ReverseWaterFilling.Part(
        type: part.type, coordinates: part.coordinates, statistics: part.statistics, weight: weight)
    }
    let filling = try ReverseWaterFilling(parts)
    for error in [1e-6, 1e-3, 0.5] {
      let found = filling.allocation(relativeError: error)
      #expect(abs(found.relativeError / error - 1) < 1e-12)
      let common = try #require(found.commonStep)
      for (share, weight) in zip(found.shares, weights) {
        #expect(abs(share.step * weight.squareRoot() / common - 1) < 1e-12)
      }
    }
    let budgeted = try filling.allocation(within: ModelBudget(bitsPerCoordinate: 3))
    #expect(abs(budgeted.shares[1].step / budgeted.shares[2].step - 0.25) < 1e-12)
  }

  @Test("No steps on a grid of 2^⅛ have ½ % less weighted error from 3 bits on, nor 5 % less at 2 bits")
  func bruteForce() throws {
    let parts = [
      part("a", .gaussian, scale: 1, coordinates: 600), part("b", .laplace, scale: 0.05, coordinates: 300, weight: 9),
      part("c", .student3, scale: 4, coordinates: 100, weight: 0.5),
    ]
    let grid = (-80...24).map { Double.exp(Double($0) * Double.log(2) / 8) }
    let rates = parts.map { part in grid.map { part.statistics.entropyBits(step: $0) * Double(part.coordinates) } }
    func error(_ type: Int, _ index: Int) -> Double {
      parts[type].weight * Double(parts[type].coordinates) * grid[index] * grid[index] / 12
    }
    for (bits, factor) in [(2.0, 1.05), (3, 1.005), (4.5, 1.005)] {
      let found = try ReverseWaterFilling(parts).allocation(within: ModelBudget(bitsPerCoordinate: bits))
      var best = Double.infinity
      for first in grid.indices {
        for second in grid.indices {
          let left = bits * 1000 - rates[0][first] - rates[1][second]
          // The coarsest grid is the cheapest: the finest third step that fits.
          guard left > 0, let third = rates[2].firstIndex(where: { $0 <= left }) else { continue }
          best = min(best, error(0, first) + error(1, second) + error(2, third))
        }
      }
      let weighted = zip(parts, found.shares).reduce(0) {
        $0 + $1.0.weight * $1.1.squaredError * Double($1.1.coordinates)
      }
      #expect(weighted <= best * factor, "\(bits) bits: \(weighted) against \(best)")
    }
  }

  @Test("Never more weighted error than equal rates within the same budget, on any law at any rate")
  func neverWorseThanTheDefault() throws {
    var constant = MagnitudeHistogram()
    constant.observe((0..<256).map { $0 % 2 == 0 ? 1 : -1 as Float }.span)
    let fixed = ReverseWaterFilling.Part(type: .embedding, coordinates: 400, statistics: constant)
    var stream = RandomStream(key: RandomKey(seed: 31))
    var defaults = 0
    for round in 0..<12 {
      var parts = (0..<3).map { index in
        part(
          "\(index)", ExactLaw.allCases[Int(stream.next() % 4)], scale: Float(Double.exp(-6 * stream.nextUnit())),
          coordinates: 1 + Int(stream.next() % 1000), weight: round % 2 == 0 ? 1 : Double.exp(2 * stream.nextNormal()))
      }
      if round % 3 == 0 { parts.append(fixed) }
      let filling = try ReverseWaterFilling(parts)
      for bits in [0.05, 0.4, 1.03, 2.05, 4] {
        let found = try filling.allocation(within: ModelBudget(bitsPerCoordinate: bits))
        #expect(found.bitsPerCoordinate <= bits * (1 + 1e-12))
        let weighted = zip(parts, found.shares).reduce(0) {
          $0 + $1.0.weight * $1.1.squaredError * Double($1.1.coordinates)
        }
        let equal = parts.reduce(0) { sum, part in
          let step = part.statistics.step(bits: bits) ?? 0
          return sum + part.weight * Double(part.coordinates) * step * step / 12
        }
        #expect(weighted <= equal * (1 + 1e-12))
        defaults += found.rule == .equalRates ? 1 : 0
      }
    }
    // Constants, of which every rate above a bit or two gives the same, are where the default can win.
    #expect(defaults < 12)
  }

  @Test("Empty statistics and budgets below the fixed bits are refused; zeros cost nothing")
  func refusals() throws {
    let empty = ReverseWaterFilling.Part(type: .linear, coordinates: 3, statistics: MagnitudeHistogram())
    #expect(throws: AllocationError.noObservations([.linear])) { try ReverseWaterFilling(threeLayers + [empty]) }
    let filling = try ReverseWaterFilling(threeLayers)
    #expect(throws: AllocationError.budgetTooSmall(bits: 16, least: 16)) {
      try filling.allocation(within: ModelBudget(bitsPerCoordinate: 16, exactCoordinates: 1000))
    }
    var zeros = MagnitudeHistogram()
    zeros.observe([0, 0].span)
    let silent = ReverseWaterFilling.Part(type: .bias, coordinates: 5, statistics: zeros)
    let alone = try ReverseWaterFilling([silent]).allocation(within: ModelBudget(bitsPerCoordinate: 1))
    #expect(alone.squaredError == 0 && alone.bitsPerCoordinate == 0 && alone.relativeError == 0)
    let together = try ReverseWaterFilling(threeLayers + [silent])
    #expect(abs(together.allocation(relativeError: 0.01).relativeError - 0.01) < 1e-12)
  }
}
