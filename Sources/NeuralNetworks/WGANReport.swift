import VariationalInequalities

/// What one sample of a ``WGANOracle`` shows of the training, all on the batch of that sample.
public struct WGANReport: Hashable, Sendable, Codable {
  /// L_D = mean D(G(z)) − mean D(x) + penalty.
  public let criticLoss: Double
  /// L_G = −mean D(G(z)).
  public let generatorLoss: Double
  /// mean D(x) − mean D(G(z)), an estimate of the Wasserstein distance up to the critic's Lipschitz constant.
  public let wasserstein: Double
  /// The weighted gradient penalty, 0 with clipping.
  public let penalty: Double
  /// The mean norm of the critic's gradient at the points of the penalty, 0 with clipping.
  public let meanSlope: Double
  /// The Euclidean norm of the generator's part of the dual vector.
  public let generatorNorm: Double
  /// The Euclidean norm of the critic's part of the dual vector.
  public let criticNorm: Double

  init(
    fakeScores: [Double], realScores: [Double], penalty: GradientPenalty?, penaltyWeight: Double, gradient: DualVector,
    players: (generator: Range<Int>, critic: Range<Int>)
  ) {
    let fake = fakeScores.reduce(0, +) / Double(fakeScores.count)
    let real = realScores.reduce(0, +) / Double(realScores.count)
    self.penalty = (penalty?.value ?? 0) * penaltyWeight / Double(fakeScores.count)
    meanSlope = penalty?.meanNorm ?? 0
    wasserstein = real - fake
    generatorLoss = -fake
    criticLoss = fake - real + self.penalty
    generatorNorm = Self.norm(gradient, players.generator)
    criticNorm = Self.norm(gradient, players.critic)
  }

  private static func norm(_ vector: DualVector, _ range: Range<Int>) -> Double {
    vector.withUnsafeBufferPointer { numbers in
      var sum = 0.0
      for i in range { sum += Double(numbers[i]) * Double(numbers[i]) }
      return sum.squareRoot()
    }
  }
}
