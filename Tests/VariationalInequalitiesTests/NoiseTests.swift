import LaminaNumerics
import Testing
import VariationalInequalities

@Suite struct NoiseTests {
  static let vector: DualVector = [3, -1, 0.5, 0, 2, -4, 0.25]
  static let draws = 20_000

  /// Asserts the laws of ``Noise``: zero mean, the mean square as documented, equal keys equal draws.
  static func check<N: Noise>(_ noise: N) {
    let key = RandomKey(seed: 13)
    let d = vector.count
    var (sum, sumOfSquares) = (Point(repeating: 0, count: d), Point(repeating: 0, count: d))
    var (norms, squaredNorms) = (0.0, 0.0)
    for n in 0..<UInt64(draws) {
      var sample = vector
      noise.perturb(&sample, key: key.folding(n))
      var norm = 0.0
      for i in 0..<d {
        let u = Double(sample[i]) - Double(vector[i])
        sum[i] += u
        sumOfSquares[i] += u * u
        norm += u * u
      }
      norms += norm
      squaredNorms += norm * norm
    }
    let count = Double(draws)
    for i in 0..<d { #expect(abs(sum[i] / count) <= 5 * (sumOfSquares[i] / count / count).squareRoot()) }
    let mean = norms / count
    let standardError = ((squaredNorms / count - mean * mean) / count).squareRoot()
    // Rounding to binary32 adds less than 1e-6 of the mean square.
    #expect(abs(mean - noise.expectedSquare(of: vector)) <= 5 * standardError + 1e-6 * mean)
    var (first, second, other) = (vector, vector, vector)
    noise.perturb(&first, key: key)
    noise.perturb(&second, key: key)
    noise.perturb(&other, key: key.folding(1))
    #expect(first == second)
    #expect(first != other || noise.expectedSquare(of: vector) == 0)
  }

  @Test("Noise has mean zero and the mean square it documents") func laws() {
    Self.check(NoNoise())
    Self.check(AbsoluteNoise(standardDeviation: 0.5))
    Self.check(RelativeNoise(standardDeviation: 0.5))
  }

  @Test("Absolute noise has a total deviation, relative noise one of each coordinate") func conventions() {
    #expect(AbsoluteNoise(standardDeviation: 0.5).expectedSquare(of: Self.vector) == 0.25)
    #expect(RelativeNoise(standardDeviation: 0.5).expectedSquare(of: Self.vector) == 0.25 * Self.vector.squaredNorm)
    var zero = DualVector(repeating: 0, count: 5)
    RelativeNoise(standardDeviation: 0.5).perturb(&zero, key: RandomKey(seed: 1))
    #expect(zero == DualVector(repeating: 0, count: 5))
  }

  @Test("Workers of different rank draw independent noise from one key") func ranks() {
    let oracles = (0..<3).map { ProblemOracle(DiracGAN(), noise: AbsoluteNoise(standardDeviation: 1), rank: $0) }
    let samples = oracles.map { $0.sample(at: [1, 2], key: RandomKey(seed: 4)) }
    #expect(Set(samples).count == 3)
    var stack = StackedOracle(oracles)
    #expect(stack.sample(at: [1, 2], key: RandomKey(seed: 4)) == samples.flatMap { $0 })
  }
}
