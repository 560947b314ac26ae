import LaminaNumerics
import Testing
import VariationalInequalities

/// Fact 19: known solutions, and solvers that reach them.
@Suite struct EquilibriumTests {
  struct Auction: CustomTestStringConvertible, Sendable {
    var name: String
    var auction: KellyAuction
    var start: Double
    var scale: Double

    var testDescription: String { name }
  }

  static let auctions = [
    Auction(name: "2 bidders", auction: .twoBidders, start: 1, scale: 1),
    Auction(name: "4 bidders", auction: .fourBidders, start: 100, scale: 1000),
    Auction(name: "100 bidders", auction: .hundredBidders, start: 20, scale: 1000),
  ]

  @Test("Fact 19: Kelly's equilibrium in closed form, reached by QODA and by OptDA", arguments: auctions)
  func kelly(_ item: Auction) throws {
    let auction = item.auction
    let equilibrium = try #require(auction.solution)
    #expect(auction.evaluate(at: equilibrium).squaredNorm.squareRoot() < 1e-5)
    func residual<S: Solver>(_ solver: S) -> Double {
      var oracle = ProblemOracle(auction)
      var exchange = LocalExchange()
      let start = Point(repeating: item.start, count: auction.dimension)
      let end = solve(
        with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange,
        key: RandomKey(seed: 0), stepLimit: 6000)
      return auction.evaluate(at: end.state.current).squaredNorm.squareRoot()
    }
    #expect(residual(OptimisticDualAveraging(steps: AdaptiveSteps(scale: item.scale))) < 1e-5)
    #expect(residual(QGenX(.optimistic, scale: item.scale)) < 1e-5)
  }

  @Test("Fact 19: two bidders of Kelly's auction bid (.139600, .709400)")
  func twoBidders() {
    expectClose(KellyAuction.twoBidders.solution ?? [], [0.139600, 0.709400], within: 5e-7)
  }

  @Test("Fact 19: robust least squares gives the least-squares solution, by algebra and by QODA")
  func robustLeastSquares() throws {
    let problem = RobustLeastSquares.random(rows: 8, columns: 3, penalty: 2, key: RandomKey(seed: 41))
    let transposed = problem.design.transposed
    let leastSquares = try #require((transposed * problem.design).solve(transposed.multiply(problem.target)))
    let solution = try #require(problem.solution)
    expectClose(Array(solution[..<3]), leastSquares, within: 1e-10)
    let fitted = problem.design.multiply(leastSquares)
    let answer = zip(problem.target, fitted).map { (2 * $0 - $1) / (2 - 1) }
    expectClose(Array(solution[3...]), answer, within: 1e-10)
    var oracle = ProblemOracle(problem)
    var exchange = LocalExchange()
    let solver = OptimisticDualAveraging(steps: AdaptiveSteps())
    let end = solve(
      with: solver, from: solver.initialState(at: Point(repeating: 0, count: 11)), oracle: &oracle,
      exchange: &exchange, key: RandomKey(seed: 0), stepLimit: 20_000)
    expectClose(Array(end.state.current[..<3]), leastSquares, within: 1e-4)
  }

  @Test("Projected solvers find the equilibria of matrix games", arguments: [0, 1])
  func matrixGames(which: Int) {
    let game =
      which == 0 ? MatrixGame.rockPaperScissors : MatrixGame.policemanAndBurglar(houses: 8, key: RandomKey(seed: 6))
    var start = Point(repeating: 0, count: game.dimension)
    start[0] = 1
    start[game.payoff.rows + 1] = 1
    func finalGap<S: Solver>(_ solver: S) -> Double {
      var oracle = ProblemOracle(game)
      var exchange = LocalExchange()
      let end = solve(
        with: solver, from: solver.initialState(at: start), oracle: &oracle, exchange: &exchange,
        key: RandomKey(seed: 0), stepLimit: 20_000)
      return game.gap(at: end.point) ?? .nan
    }
    #expect(finalGap(OptimisticDualAveraging(steps: AdaptiveSteps())) < 1e-3)
    #expect(finalGap(Extragradient(steps: ConstantSteps(0.2))) < 1e-3)
    #expect(finalGap(PopovGradient(steps: ConstantSteps(0.2))) < 1e-3)
    #expect(finalGap(OptimisticGradient(step: 0.2)) < 1e-3)
    #expect(finalGap(QGenX(.dualExtrapolation)) < 1e-3)
  }
}
