import LaminaNumerics

/// A problem whose workers hold different affine operators: A is their mean.
///
/// The workers' values differ even at the solution −(mean M)⁻¹ mean b, so what each sends does not vanish there, only
/// the mean does. Worker k is asked through ``node(_:)``; the game itself is the mean, for gaps and residuals.
public struct HeterogeneousGame: AffineProblem {
  /// Worker k's operator Mₖ z + bₖ.
  public let nodes: [AffineOperator]

  public let affine: AffineOperator
  public let affineGap: AffineGap?

  private let gapRadius: Double

  /// The problem of the mean of `nodes`.
  ///
  /// - Parameters:
  ///   - nodes: An operator for each worker; their mean is monotone.
  ///   - gapRadius: D > 0, the radius of the gap's ball.
  public init(nodes: [AffineOperator], gapRadius: Double = 1) {
    let mean = AffineOperator.mean(of: nodes)
    self.nodes = nodes
    self.gapRadius = gapRadius
    affine = mean
    affineGap = mean.root.map { AffineGap(of: mean, center: $0, radius: gapRadius) }
  }

  /// The problem of worker `rank` alone, whose solution is not that of the game.
  ///
  /// - Parameter rank: The worker, from 0.
  /// - Returns: The problem that its oracle samples.
  public func node(_ rank: Int) -> QuadraticGame { QuadraticGame(nodes[rank], gapRadius: gapRadius) }

  /// Independent random quadratic games, one for each worker; see
  /// ``QuadraticGame/random(dimension:strongMonotonicity:smoothness:key:gapRadius:)``.
  ///
  /// - Parameters:
  ///   - workers: K, at least 1.
  ///   - dimension: The number of coordinates, at least 2.
  ///   - strongMonotonicity: μ > 0.
  ///   - smoothness: L ≥ μ.
  ///   - key: The name of the draw.
  /// - Returns: The same problem for the same key.
  public static func random(
    workers: Int, dimension: Int, strongMonotonicity: Double, smoothness: Double, key: RandomKey
  ) -> HeterogeneousGame {
    HeterogeneousGame(
      nodes: (0..<workers).map { rank in
        QuadraticGame.random(
          dimension: dimension, strongMonotonicity: strongMonotonicity, smoothness: smoothness,
          key: key.folding(UInt64(rank))
        ).affine
      })
  }
}
