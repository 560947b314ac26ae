import LaminaNumerics
import Testing
import VariationalInequalities

/// A problem under a name, with what it claims.
struct ProblemCase: CustomTestStringConvertible, Sendable {
  var name: String
  var problem: any Problem
  var isMonotone = true
  var hasGap = true

  var testDescription: String { name }
}

/// Every problem that ships. A new problem adds a line.
let problemZoo: [ProblemCase] = [
  ProblemCase(name: "bilinear", problem: BilinearGame.random(dimension: 8, key: RandomKey(seed: 1))),
  ProblemCase(
    name: "bilinear with linear terms",
    problem: BilinearGame(coupling: DenseMatrix([[2, 1], [0, -1]]), rowTerm: [1, -2], columnTerm: [0.5, 3])),
  ProblemCase(
    name: "quadratic",
    problem: QuadraticGame.random(dimension: 7, strongMonotonicity: 0.1, smoothness: 2, key: RandomKey(seed: 2))),
  ProblemCase(
    name: "heterogeneous",
    problem: HeterogeneousGame.random(
      workers: 3, dimension: 5, strongMonotonicity: 0.2, smoothness: 1, key: RandomKey(seed: 3))),
  ProblemCase(
    name: "robust least squares",
    problem: RobustLeastSquares.random(rows: 6, columns: 3, penalty: 2, key: RandomKey(seed: 4))),
  ProblemCase(name: "Dirac GAN", problem: DiracGAN()),
  ProblemCase(name: "rock, paper, scissors", problem: MatrixGame.rockPaperScissors),
  ProblemCase(
    name: "policeman and burglar", problem: MatrixGame.policemanAndBurglar(houses: 6, key: RandomKey(seed: 5))),
  ProblemCase(name: "Kelly, 2 bidders", problem: KellyAuction.twoBidders, hasGap: false),
  ProblemCase(name: "Kelly, 4 bidders", problem: KellyAuction.fourBidders, hasGap: false),
  ProblemCase(name: "Kelly, 100 bidders", problem: KellyAuction.hundredBidders, hasGap: false),
  ProblemCase(
    name: "covariance", problem: CovarianceGame(covariance: DenseMatrix([[2, 0.5], [0.5, 1]])), isMonotone: false,
    hasGap: false),
]

@Suite struct ProblemLawTests {
  @Test("Problems are monotone where they claim it and vanish at their solution", arguments: problemZoo)
  func laws(_ problemCase: ProblemCase) {
    checkProblem(problemCase.problem, isMonotone: problemCase.isMonotone, hasGap: problemCase.hasGap)
  }

  @Test("The random quadratic game has the moduli it was asked for")
  func quadraticModuli() {
    for seed in 0..<5 as Range<UInt64> {
      let game = QuadraticGame.random(
        dimension: 9, strongMonotonicity: 0.25, smoothness: 3, key: RandomKey(seed: seed))
      let symmetric = SymmetricEigen(game.affine.matrix)
      #expect((symmetric.values.first ?? 0) >= 0.25 - 1e-12)
      #expect(game.affine.matrix.spectralNorm <= 3 + 1e-12)
    }
  }

  @Test("The random bilinear game has spectral norm 1 and a start at distance 1")
  func bilinearNormalisation() {
    let game = BilinearGame.random(dimension: 20, key: RandomKey(seed: 8))
    #expect(abs(game.coupling.spectralNorm - 1) < 1e-12)
    let start = game.startAtUnitDistance(key: RandomKey(seed: 9)) ?? []
    #expect(abs(start.squaredNorm - 1) < 1e-12)
  }

  @Test("A bilinear game with linear terms is solved by x* = -B⁻ᵀc, y* = -B⁻¹b")
  func bilinearSolution() {
    let game = BilinearGame(coupling: DenseMatrix([[2, 1], [0, -1]]), rowTerm: [1, -2], columnTerm: [0.5, 3])
    // Bᵀx = -c: 2x₁ = -.5, x₁ - x₂ = -3. By = -b: 2y₁ + y₂ = -1, -y₂ = 2.
    expectClose(game.solution ?? [], [-0.25, 2.75, 0.5, -2], within: 1e-14)
  }

  @Test("The heterogeneous problem is the mean of its nodes, whose vectors do not vanish at its solution")
  func heterogeneousNodes() throws {
    let game = HeterogeneousGame.random(
      workers: 4, dimension: 5, strongMonotonicity: 0.5, smoothness: 1, key: RandomKey(seed: 3))
    let solution = try #require(game.solution)
    let atSolution = (0..<4).map { game.node($0).evaluate(at: solution) }
    #expect(atSolution.allSatisfy { $0.squaredNorm > 0.1 })
    var exchange = StackedExchange(workers: 4)
    #expect(exchange.exchange(atSolution.flatMap { $0 }, step: 0).mean.squaredNorm < 1e-12)
    var oracle = StackedOracle((0..<4).map { ProblemOracle(game.node($0)) })
    var run = StackedExchange(workers: 4)
    let solver = PopovGradient(steps: ConstantSteps(0.3))
    let end = solve(
      with: solver, from: solver.initialState(at: [0, 0, 0, 0, 0]), oracle: &oracle, exchange: &run,
      key: RandomKey(seed: 0), stepLimit: 500)
    expectClose(end.state.current, solution, within: 1e-5)
  }

  @Test("A batch of the covariance game estimates its operator without bias")
  func covarianceBatches() {
    let game = CovarianceGame(covariance: DenseMatrix([[2, 0.5], [0.5, 1]]))
    let oracle = CovarianceGameOracle(game, batchSize: 10)
    let x: Point = [1, 0.5, -0.5, 1, 0.25, -1, 0.5, 0.75]
    let exact = game.evaluate(at: x)
    let draws = 4000
    var (sum, squares) = (Point(repeating: 0, count: 8), Point(repeating: 0, count: 8))
    for n in 0..<UInt64(draws) {
      let sample = oracle.sample(at: x, key: RandomKey(seed: 77).folding(n))
      for i in 0..<8 {
        sum[i] += Double(sample[i])
        squares[i] += Double(sample[i]) * Double(sample[i])
      }
    }
    for i in 0..<8 {
      let mean = sum[i] / Double(draws)
      let standardError = ((squares[i] / Double(draws) - mean * mean) / Double(draws)).squareRoot()
      #expect(abs(mean - Double(exact[i])) < 5 * standardError)
    }
  }
}

/// Asserts every law of ``Problem`` for one problem, at random feasible points.
func checkProblem<P: Problem>(_ problem: P, isMonotone: Bool, hasGap: Bool) {
  var stream = RandomStream(key: RandomKey(seed: 31))
  let points = (0..<60).map { n in
    // Points at many scales: some strategies vanish, some bids are large.
    let scale = Double(1 << (n % 7))
    var x = (0..<problem.dimension).map { _ in scale * stream.nextNormal() }
    problem.project(&x)
    return x
  }
  for x in points {
    #expect(x.count == problem.dimension)
    #expect(problem.evaluate(at: x) == problem.evaluate(at: x))
    var projected = x
    problem.project(&projected)
    expectClose(projected, x, within: 1e-12, "projection is idempotent")
    #expect((problem.gap(at: x) != nil) == hasGap)
    if let gap = problem.gap(at: x) { #expect(gap > 1e-6, "the gap is positive where no solution is") }
  }
  if isMonotone {
    for (x, y) in zip(points, points.dropFirst()) { expectMonotone(problem, x, y) }
  }
  guard let solution = problem.solution else { return }
  // Values are rounded to binary32: half an ulp of the largest coordinate of a point is the unit of this residual.
  #expect(naturalResidual(of: problem, at: solution) < 1e-6)
  if let gap = problem.gap(at: solution) { #expect(abs(gap) < 1e-12) }
}

/// ⟨A(x) − A(y), x − y⟩ ≥ 0 up to the rounding of the values to binary32.
private func expectMonotone<P: Problem>(_ problem: P, _ x: Point, _ y: Point) {
  let (a, b) = (problem.evaluate(at: x), problem.evaluate(at: y))
  var (product, magnitude) = (0.0, 0.0)
  for i in x.indices {
    product += (Double(a[i]) - Double(b[i])) * (x[i] - y[i])
    magnitude += (abs(Double(a[i])) + abs(Double(b[i]))) * abs(x[i] - y[i])
  }
  #expect(product >= -magnitude * 0x1p-24)
}
