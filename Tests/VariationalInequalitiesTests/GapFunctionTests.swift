import LaminaNumerics
import Testing
import VariationalInequalities

@Suite struct GapFunctionTests {
  /// The restricted gap by projected gradient ascent on h ↦ hᵀMᵀe − hᵀSh, slow and independent.
  static func ascended(_ affine: AffineOperator, error: [Double], radius: Double) -> Double {
    let linear = affine.matrix.multiplyTransposed(error)
    let symmetric = 0.5 * (affine.matrix + affine.matrix.transposed)
    let step = 0.5 / max(symmetric.spectralNorm, 0.1)
    let ball = FeasibleSet.ball(center: Point(repeating: 0, count: error.count), radius: radius)
    var h = Point(repeating: 0, count: error.count)
    for _ in 0..<20_000 {
      let curvature = symmetric.multiply(h)
      for i in h.indices { h[i] += step * (linear[i] - 2 * curvature[i]) }
      ball.project(&h)
    }
    return linear.dot(h) - symmetric.multiply(h).dot(h)
  }

  @Test("Fact 19: the affine gap is the maximum it stands for, with the bound active and inactive")
  func affineGap() throws {
    for seed in 0..<4 as Range<UInt64> {
      let game = QuadraticGame.random(
        dimension: 5, strongMonotonicity: 0.3, smoothness: 1, key: RandomKey(seed: seed))
      let solution = try #require(game.solution)
      let direction = (game.startAtUnitDistance(key: RandomKey(seed: seed + 50)) ?? [])
      let error = Point.sum(direction, plus: -1, times: solution)
      for radius in [0.05, 0.3, 1, 10] {
        let gap = AffineGap(of: game.affine, center: solution, radius: radius)
        let expected = Self.ascended(game.affine, error: error, radius: radius)
        #expect(abs(gap(direction) - expected) < 1e-9)
        #expect(gap(direction) > 0)
        #expect(gap(solution) == 0)
      }
    }
  }

  @Test("Fact 19: the affine gap with directions of zero curvature")
  func semidefinite() throws {
    let problem = RobustLeastSquares(
      design: DenseMatrix([[1, 1], [1, 1.5], [0, 0.5]]), target: [1, 2, 3], penalty: 1.5)
    let center = try #require(problem.solution)
    let error: Point = [0.3, -0.2, 0.1, 0.4, -0.5]
    let point = Point.sum(center, plus: 1, times: error)
    #expect(abs((problem.gap(at: point) ?? .nan) - Self.ascended(problem.affine, error: error, radius: 1)) < 1e-7)
    let flat = AffineOperator(matrix: DenseMatrix([[1, 0], [0, 0]]), offset: [0, 0])
    // Only the first coordinate counts: max of he − h², h = e/2.
    let flatGap = AffineGap(of: flat, center: [0, 0], radius: 1)([1, 7])
    #expect(abs(flatGap - 0.25) < 1e-12)
  }

  @Test("Fact 19: on a skew operator the gap is D‖A(z)‖")
  func skew() {
    let game = BilinearGame.random(dimension: 6, key: RandomKey(seed: 3), gapRadius: 2)
    let z: Point = [1, 2, 3, -1, -2, 0.5]
    #expect(abs((game.gap(at: z) ?? .nan) - 2 * game.affine(z).squaredNorm.squareRoot()) < 1e-12)
    #expect(game.gap(at: Point(repeating: 0, count: 6)) == 0)
  }

  @Test("Fact 19: the matrix-game gap is 0 at the equilibrium and what a pure strategy gives away elsewhere")
  func matrixGame() {
    let game = MatrixGame.rockPaperScissors
    #expect(abs(game.gap(at: game.uniformStrategies) ?? .nan) < 1e-15)
    // Both play rock: the column player would gain 1 by paper, the row player 1.
    #expect(game.gap(at: [1, 0, 0, 1, 0, 0]) == 2)
  }

  @Test("The natural residual is 0 at solutions on the boundary, where the operator is not")
  func naturalResidualOnBoundary() {
    let game = MatrixGame(payoff: DenseMatrix([[1, 2], [3, 4]]))
    // Row 1 dominates, then column 2.
    #expect(naturalResidual(of: game, at: [1, 0, 0, 1]) == 0)
    #expect(game.gap(at: [1, 0, 0, 1]) == 0)
    #expect(naturalResidual(of: game, at: [0, 1, 0, 1]) > 0.1)
    #expect(abs(naturalResidual(of: DiracGAN(), at: [3, 4]) - 5) < 1e-6)
  }

  @Test("The slope of c·tᵃ is a, its steps are distinct and evenly spaced in logarithm")
  func slope() throws {
    let steps = GapSlope.logarithmicSteps(from: 200, through: 20_000, count: 40)
    #expect(steps.first == 200 && steps.last == 20_000 && steps.count == 40)
    #expect(GapSlope.logarithmicSteps(from: 1, through: 4, count: 40) == [1, 2, 3, 4])
    var fit = GapSlope()
    #expect(fit.slope == nil)
    for step in steps {
      let t = Double(step)
      fit.record(3 / (t * t.squareRoot()), at: step)
    }
    fit.record(0, at: 30_000)
    #expect(abs(try #require(fit.slope) + 1.5) < 1e-12)
    #expect(abs(try #require(fit.fittedGap(at: 100)) - 3e-3) < 1e-12)
  }
}
