import Lamina
import Testing

/// The table of algorithms.md, section 7.4, with four worker threads and real frames.
///
/// Reference values are means over four runs; under absolute noise a single run scatters by 0.04, so the mean of four
/// has a standard error of 0.02.
@Suite("Fact 15: log-log slopes on the bilinear game", .serialized)
struct GapSlopeTests {
  private static let exponential = Levels.exponential(multiplier: 0.5, interiorCount: 6)
  private static let qoda = OptimisticDualAveraging(steps: AdaptiveSteps())
  private static let alt = OptimisticDualAveraging(steps: SeparatedSteps(exponent: 0.25))

  @Test("Fact 15: slope -1 without noise, both step-size rules")
  func none() throws {
    #expect(abs(try GameRun()(Self.qoda, noise: NoNoise()).slope + 1) < 0.1)
    #expect(abs(try GameRun()(Self.alt, noise: NoNoise()).slope + 1) < 0.1)
  }

  @Test("Fact 15: slope -1 under relative noise, both step-size rules")
  func relative() throws {
    let noise = RelativeNoise(standardDeviation: 0.5)
    #expect(abs(try GameRun()(Self.qoda, noise: noise).slope + 1) < 0.1)
    #expect(abs(try GameRun()(Self.alt, noise: noise).slope + 1) < 0.1)
  }

  @Test("Fact 15: slope -1 under quantization alone, both step-size rules and two level families")
  func quantized() throws {
    for levels in [Self.exponential, .uniform(intervals: 16)] {
      let run = GameRun(levels: levels)
      #expect(abs(try run(Self.qoda, noise: NoNoise()).slope + 1) < 0.1)
      #expect(abs(try run(Self.alt, noise: NoNoise()).slope + 1) < 0.1)
    }
  }

  @Test("Fact 15: slope -1/2 under absolute noise, both step-size rules")
  func absolute() throws {
    let noise = AbsoluteNoise(standardDeviation: 0.5)
    #expect(abs(try GameRun().meanSlope(Self.qoda, noise: noise, seeds: 4) + 0.5) < 0.1)
    #expect(abs(try GameRun().meanSlope(Self.alt, noise: noise, seeds: 4) + 0.5) < 0.1)
  }

  @Test("Fact 15: slopes -1 and -1/2 with quantization on top of relative and absolute noise")
  func quantizedAndNoisy() throws {
    let run = GameRun(levels: Self.exponential)
    #expect(abs(try run(Self.qoda, noise: RelativeNoise(standardDeviation: 0.5)).slope + 1) < 0.1)
    #expect(
      abs(try run.meanSlope(Self.qoda, noise: AbsoluteNoise(standardDeviation: 0.5), seeds: 4) + 0.5) < 0.1)
  }

  @Test("Fact 15: slope -1/2 for dual averaging even without noise")
  func dualAveraging() throws {
    #expect(abs(try GameRun()(DualAveraging(), noise: NoNoise()).slope + 0.5) < 0.1)
  }

  @Test("Fact 15: simultaneous gradient descent with step 0.1 diverges")
  func gradientDescent() throws {
    #expect(try GameRun()(GradientDescentAscent(step: 0.1), noise: NoNoise()).outcome == .diverged)
  }

  /// The root mean square of 24 gaps has a standard error of about 7 % for each K, so the ratio is known to 10 %.
  @Test("Fact 15: under absolute noise the error falls by 2 when the workers are four times as many")
  func workers() throws {
    let noise = AbsoluteNoise(standardDeviation: 0.5)
    func error(workers: Int) throws -> Double {
      var sum = 0.0
      for seed in 0..<24 {
        let gap = try GameRun(workers: workers, steps: 4000, seed: UInt64(seed))(Self.qoda, noise: noise).gap
        sum += gap * gap
      }
      return (sum / 24).squareRoot()
    }
    let ratio = try error(workers: 1) / error(workers: 4)
    #expect((1.5...2.5).contains(ratio), "\(ratio)")
  }
}
