import LaminaNumerics
import Quantization
import Testing

/// The law of q = ⌊v/Δ + u + ½⌋, from histograms.
@Suite("Rate of dithered symbols")
struct DitheredRateTests {
  @Test("Entropy is within .01 bit of direct sums, for steps of 2⁻⁸ to 2³ of the rms", arguments: ExactLaw.allCases)
  func entropy(law: ExactLaw) {
    let estimate = law.histogram().law
    for exponent in -8...3 {
      let step = law.rootMeanSquare * Double(sign: .plus, exponent: exponent, significand: 1.1)
      let exact = law.entropyBits(step: step)
      #expect(abs(estimate.entropyBits(step: step) - exact) < 0.01, "step 2^\(exponent), exact \(exact)")
    }
  }

  @Test("Entropies are those of the table in algorithms.md, section 5.3")
  func publishedTable() {
    for (step, gaussian, laplace) in [
      (1, 2.15829, 2.09744), (0.5, 3.07654, 2.99055), (0.2645, 3.97412, 3.87624), (0.1325, 4.96514, 4.86260),
    ] {
      #expect(abs(ExactLaw.gaussian.entropyBits(step: step) - gaussian) < 1e-5)
      let unit = step * ExactLaw.laplace.rootMeanSquare
      #expect(abs(ExactLaw.laplace.entropyBits(step: unit) - laplace) < 1e-5)
      #expect(abs(ExactLaw.gaussian.histogram().entropyBits(step: step) - gaussian) < 0.002)
      #expect(abs(ExactLaw.laplace.histogram().entropyBits(step: unit) - laplace) < 0.002)
    }
  }

  @Test("Probabilities are the exact ones, their sum and the escapes make 1", arguments: ExactLaw.allCases)
  func probabilities(law: ExactLaw) {
    let histogram = law.histogram()
    for step in [0.3, 1.0, 2.5].map({ $0 * law.rootMeanSquare }) {
      let found = histogram.symbolProbabilities(step: step, largest: 15)
      #expect(found.count == 31)
      for (index, p) in found.enumerated() {
        #expect(abs(p - law.probability(abs(index - 15), step: step)) < 5e-4)
        #expect(p == found[30 - index])
      }
      let escape = 2 * law.excess(15 * step) / (2 * step) - 2 * law.excess(16 * step) / (2 * step)
      #expect(abs(1 - found.reduce(0, +) - escape) < 2e-4)
    }
  }

  @Test("High parts have the sums of the probabilities of their symbols, at a cost of under .01 bit")
  func highParts() {
    let histogram = ExactLaw.gaussian.histogram()
    for (step, lowBits) in [(0.1325, 1), (0.0665, 2), (0.0166, 3)] {
      let high = histogram.symbolProbabilities(step: step, largest: 64, lowBits: lowBits)
      let all = histogram.symbolProbabilities(step: step, largest: 65 << lowBits)
      let centre = 65 << lowBits
      for (index, p) in high.enumerated() {
        let first = centre + (index - 64) << lowBits
        #expect(abs(p - all[first..<first + 1 << lowBits].reduce(0, +)) < 1e-12)
      }
      let coded = Double(lowBits) + entropyInBits(of: high)
      #expect(abs(coded - ExactLaw.gaussian.entropyBits(step: step, lowBits: lowBits)) < 0.005)
      #expect(coded - histogram.entropyBits(step: step) < 0.01)
    }
  }

  @Test("The step of a rate has this rate, and scales with the coordinates", arguments: ExactLaw.allCases)
  func stepOfRate(law: ExactLaw) throws {
    let (unit, large) = (law.histogram().law, law.histogram(scale: 0x1p40).law)
    for bits in [0.01, 0.1, 0.5, 1, 2, 3, 4, 5, 8] where law != .sparse || bits <= 1 {
      let step = try #require(unit.step(bits: bits))
      let rate = unit.entropyBits(step: step)
      #expect(rate <= bits && bits - rate < 1e-6)
      let scaled = try #require(large.step(bits: bits))
      #expect(abs(scaled / step * 0x1p-40 - 1) < 1e-8)
    }
  }

  @Test("Nothing but zeros costs nothing and has no step; a rate out of reach gives the finest step")
  func degenerate() throws {
    var zeros = MagnitudeHistogram()
    zeros.observe([0, 0, -0.0].span)
    #expect(zeros.entropyBits(step: 1) == 0 && zeros.step(bits: 1) == nil)
    #expect(zeros.symbolProbabilities(step: 1, largest: 1) == [0, 1, 0])
    #expect(MagnitudeHistogram().entropyBits(step: 0.25) == 0)
    var rare = MagnitudeHistogram()
    rare.observe(([1, -3] + [Float](repeating: 0, count: 998)).span)
    let step = try #require(rare.step(bits: 3))
    #expect(abs(step / (2 * 0x1p-24) - 1) < 1e-12)
    #expect(rare.entropyBits(step: step) <= 3)
    // A step far above the only magnitude; and one far below it, which leaves the sign.
    var one = MagnitudeHistogram()
    one.observe([Float](repeating: 1, count: 100).span)
    #expect(one.entropyBits(step: 1e9) < 1e-6)
    #expect(one.entropyBits(step: 1e-200) == 1)
  }
}
