import LaminaNumerics

/// A worker's oracle of a problem in closed form: its operator plus noise.
public struct ProblemOracle<P: Problem, N: Noise>: Oracle, Sendable {
  /// The problem.
  public let problem: P

  /// The perturbation of every sample.
  public let noise: N

  /// The worker, folded into every key, so that workers draw independent noise.
  public let rank: Int

  /// The oracle of worker `rank`.
  ///
  /// - Parameters:
  ///   - problem: The problem.
  ///   - noise: The perturbation of every sample.
  ///   - rank: The worker's number, from 0.
  public init(_ problem: P, noise: N, rank: Int = 0) {
    precondition(rank >= 0, "Ranks count from 0")
    self.problem = problem
    self.noise = noise
    self.rank = rank
  }

  /// A(x) + U, U drawn from `key` folded with the rank.
  ///
  /// - Parameters:
  ///   - x: The point to query.
  ///   - key: The name of this query.
  /// - Returns: A stochastic dual vector.
  public func sample(at x: Point, key: RandomKey) -> DualVector {
    var vector = problem.evaluate(at: x)
    noise.perturb(&vector, key: key.folding(UInt64(rank)))
    return vector
  }

  /// Projects on the problem's feasible set.
  ///
  /// - Parameter x: The point to project.
  public func project(_ x: inout Point) { problem.project(&x) }
}

extension ProblemOracle where N == NoNoise {
  /// The exact oracle, the same for every worker.
  ///
  /// - Parameter problem: The problem.
  public init(_ problem: P) { self.init(problem, noise: NoNoise()) }
}
