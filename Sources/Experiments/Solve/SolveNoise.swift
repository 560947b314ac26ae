import LaminaNumerics
import VariationalInequalities

/// What disturbs the workers' dual vectors.
public enum SolveNoise: Hashable, Sendable {
  /// Nothing.
  case none
  /// Gaussian noise of this standard deviation over the whole vector.
  case absolute(Double)
  /// Gaussian factors of this standard deviation on every coordinate.
  case relative(Double)
  /// Fresh samples in batches of this size; the covariance game only.
  case batch(Int)

  /// The oracle of worker `rank`.
  func oracle(of instance: SolveInstance, rank: Int) -> AnyOracle {
    let problem = instance.local(rank)
    if case .batch(let size) = self, let game = problem as? CovarianceGame {
      return AnyOracle(CovarianceGameOracle(game, batchSize: size, rank: rank))
    }
    return AnyOracle(oracle(of: problem, rank: rank))
  }

  private func oracle<P: Problem>(of problem: P, rank: Int) -> any Oracle {
    switch self {
    case .none, .batch: ProblemOracle(problem, noise: NoNoise(), rank: rank)
    case .absolute(let deviation):
      ProblemOracle(problem, noise: AbsoluteNoise(standardDeviation: deviation), rank: rank)
    case .relative(let deviation):
      ProblemOracle(problem, noise: RelativeNoise(standardDeviation: deviation), rank: rank)
    }
  }
}

/// An oracle of which only the run knows the type.
struct AnyOracle: Oracle {
  private var base: any Oracle

  init(_ base: any Oracle) { self.base = base }

  mutating func sample(at x: Point, key: RandomKey) -> DualVector { base.sample(at: x, key: key) }

  func project(_ x: inout Point) { base.project(&x) }
}
