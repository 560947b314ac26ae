import Lamina
import Testing

@Suite("Fact 16: messages, bits and replicas")
struct MessageCountTests {
  private static let run = GameRun(levels: .exponential(multiplier: 0.5, interiorCount: 6), steps: 1000)
  private static let noise = AbsoluteNoise(standardDeviation: 0.5)

  @Test("Fact 16: QODA sends one message per node and step, Q-GenX two, at a bit ratio of 1/2")
  func messages() throws {
    let qoda = try Self.run(OptimisticDualAveraging(steps: AdaptiveSteps()), noise: Self.noise).traffic
    let qgenx = try Self.run(QGenX(.dualExtrapolation), noise: Self.noise).traffic
    #expect(qoda.exchanges == 1000)
    #expect(qgenx.exchanges == 2000)
    // Headers hold the number of the exchange, which takes a byte more from the 128th on.
    #expect(2 * (qoda.totalBits - qoda.framing) == qgenx.totalBits - qgenx.framing)
    #expect(abs(2 * Double(qoda.framing) / Double(qgenx.framing) - 1) < 0.01)
  }

  @Test("Fact 16: all replicas hold bit-identical iterates after every step", arguments: [2, 3, 4, 7])
  func replicas(workers: Int) throws {
    var run = Self.run
    run.workers = workers
    let adaptive = try run(OptimisticDualAveraging(steps: AdaptiveSteps()), noise: Self.noise)
    let separated = try run(OptimisticDualAveraging(steps: SeparatedSteps()), noise: Self.noise)
    let extrapolating = try run(QGenX(.dualExtrapolation), noise: Self.noise)
    for result in [adaptive, separated, extrapolating] {
      #expect(result.fingerprints.count == workers)
      #expect(Set(result.fingerprints).count == 1)
    }
  }

  @Test("A run repeats bit for bit, and another seed gives another run")
  func repeatable() throws {
    let solver = OptimisticDualAveraging(steps: AdaptiveSteps())
    let first = try Self.run(solver, noise: Self.noise).fingerprints
    #expect(try Self.run(solver, noise: Self.noise).fingerprints == first)
    var other = Self.run
    other.seed = 1
    #expect(try other(solver, noise: Self.noise).fingerprints != first)
  }
}
