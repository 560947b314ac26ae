import LaminaNumerics

/// A worker's oracle of the covariance game: each sample is a fresh batch.
public struct CovarianceGameOracle: Oracle, Sendable {
  /// The game.
  public let game: CovarianceGame

  /// The number of samples of x and of z in a batch.
  public let batchSize: Int

  /// The worker, folded into every key.
  public let rank: Int

  /// The oracle of worker `rank`.
  ///
  /// - Parameters:
  ///   - game: The game.
  ///   - batchSize: The number of samples of each kind in a batch, at least 1.
  ///   - rank: The worker's number, from 0.
  public init(_ game: CovarianceGame, batchSize: Int = 50, rank: Int = 0) {
    precondition(batchSize > 0, "A batch holds at least one sample")
    precondition(rank >= 0, "Ranks count from 0")
    self.game = game
    self.batchSize = batchSize
    self.rank = rank
  }

  /// The operator on a batch.
  ///
  /// - Parameters:
  ///   - x: V, then W.
  ///   - key: The name of this query.
  /// - Returns: An unbiased estimate of the value at `x`.
  public func sample(at x: Point, key: RandomKey) -> DualVector {
    game.sample(at: x, batchSize: batchSize, key: key.folding(UInt64(rank)))
  }
}
