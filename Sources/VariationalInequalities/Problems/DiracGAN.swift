/// The smallest adversarial game: min over θ, max over ψ of θψ, with the solution (0, 0).
///
/// A generator that moves a point mass θ against a linear critic of slope ψ. Gradient descent and ascent spirals out.
public struct DiracGAN: AffineProblem {
  public let affine: AffineOperator
  public let affineGap: AffineGap?

  /// The game with its gap on a ball around the solution.
  ///
  /// - Parameter gapRadius: D > 0, the radius of the gap's ball.
  public init(gapRadius: Double = 1) {
    let rotation = AffineOperator(matrix: DenseMatrix([[0, 1], [-1, 0]]), offset: [0, 0])
    affine = rotation
    affineGap = AffineGap(of: rotation, center: [0, 0], radius: gapRadius)
  }
}
