import LaminaNumerics
import VariationalInequalities

/// The problems that can be solved by name, each with its usual size and start.
public enum SolveProblem: String, Sendable, CaseIterable {
  case bilinear
  case rotation
  case quadratic
  case robustLeastSquares = "robust-least-squares"
  case heterogeneousAffine = "heterogeneous-affine"
  case dirac
  case rockPaperScissors = "rock-paper-scissors"
  case policemanBurglar = "policeman-burglar"
  case kelly
  case covariance

  /// The number of coordinates where none is asked for.
  public var defaultDimension: Int {
    switch self {
    case .bilinear, .quadratic, .robustLeastSquares, .heterogeneousAffine, .policemanBurglar: 20
    case .rotation, .dirac, .kelly: 2
    case .rockPaperScissors: 6
    case .covariance: 18
    }
  }

  /// The dimensions that exist, in words.
  public var dimensions: String {
    switch self {
    case .bilinear, .policemanBurglar: "even numbers from 2"
    case .quadratic, .heterogeneousAffine: "numbers from 2"
    case .robustLeastSquares: "numbers from 2"
    case .rotation, .dirac: "2"
    case .rockPaperScissors: "6"
    case .kelly: "2, 4 and 100"
    case .covariance: "2n² for n from 1: 2, 8, 18, 32, …"
    }
  }

  /// The largest dimension: the matrices of larger problems would not fit into the memory of most machines.
  public static let largestDimension = 4096

  /// Whether there is an instance of this many coordinates.
  public func hasInstance(ofDimension dimension: Int) -> Bool {
    guard (1...Self.largestDimension).contains(dimension) else { return false }
    switch self {
    case .bilinear, .policemanBurglar: return dimension.isMultiple(of: 2)
    case .quadratic, .robustLeastSquares, .heterogeneousAffine: return dimension >= 2
    case .rotation, .dirac, .rockPaperScissors: return dimension == defaultDimension
    case .kelly: return [2, 4, 100].contains(dimension)
    case .covariance: return (1...Self.largestDimension).contains { 2 * $0 * $0 == dimension }
    }
  }

  /// The instance of a dimension, for a number of workers.
  ///
  /// - Parameters:
  ///   - dimension: A dimension that exists.
  ///   - workers: K; only heterogeneous problems depend on it.
  ///   - key: Names the instance and its start.
  /// - Returns: The same instance for the same arguments.
  func instance(dimension: Int, workers: Int, key: RandomKey) -> SolveInstance {
    precondition(hasInstance(ofDimension: dimension), "There is no \(rawValue) of dimension \(dimension)")
    let (draw, start) = (key.folding(0), key.folding(1))
    switch self {
    case .bilinear: return SolveInstance(BilinearGame.random(dimension: dimension, key: draw), start: start)
    case .rotation:
      let affine = AffineOperator(matrix: DenseMatrix([[0, 1], [-1, 0]]), offset: [0, 0])
      return SolveInstance(QuadraticGame(affine), at: [1, 0.5])
    case .quadratic:
      return SolveInstance(
        QuadraticGame.random(dimension: dimension, strongMonotonicity: 0.1, smoothness: 1, key: draw), start: start)
    case .robustLeastSquares:
      let columns = max(1, dimension / 2 - dimension / 8)
      return SolveInstance(
        RobustLeastSquares.random(rows: dimension - columns, columns: columns, penalty: 2, key: draw), start: start)
    case .heterogeneousAffine:
      let game = HeterogeneousGame.random(
        workers: workers, dimension: dimension, strongMonotonicity: 0.1, smoothness: 1, key: draw)
      var instance = SolveInstance(game, start: start)
      instance.local = { game.node($0) }
      return instance
    case .dirac: return SolveInstance(DiracGAN(), start: start)
    case .rockPaperScissors: return SolveInstance(MatrixGame.rockPaperScissors, strategies: start)
    case .policemanBurglar:
      return SolveInstance(MatrixGame.policemanAndBurglar(houses: dimension / 2, key: draw), strategies: start)
    case .kelly:
      let auction: KellyAuction =
        dimension == 2 ? .twoBidders : dimension == 4 ? .fourBidders : .hundredBidders
      return SolveInstance(auction, at: Point(repeating: 0, count: dimension))
    case .covariance:
      let size = (1...dimension).first { 2 * $0 * $0 == dimension } ?? 1
      let factor = DenseMatrix.normal(rows: size, columns: size, key: draw)
      let covariance = DenseMatrix.identity(size) + (1 / Double(size)) * (factor * factor.transposed)
      return SolveInstance(CovarianceGame(covariance: covariance), start: start)
    }
  }
}

/// A problem with a start, and what each worker holds of it.
struct SolveInstance: Sendable {
  /// The problem whose solution is sought.
  let problem: any Problem
  /// X₁.
  let start: Point
  /// The problem that a worker's oracle samples.
  var local: @Sendable (Int) -> any Problem

  init(_ problem: any Problem, at start: Point) {
    self.problem = problem
    self.start = start
    local = { _ in problem }
  }

  /// Starts at distance 1 from the solution, or at the origin if none is known.
  init(_ problem: any Problem, start key: RandomKey) {
    self.init(problem, at: problem.startAtUnitDistance(key: key) ?? Point(repeating: 0, count: problem.dimension))
  }

  /// Starts at mixed strategies that are uniform on the simplices.
  init(_ game: MatrixGame, strategies key: RandomKey) {
    var stream = RandomStream(key: key)
    var start = Point()
    for count in [game.payoff.rows, game.payoff.columns] {
      // Normalised exponential numbers are uniform on the simplex.
      let draws = (0..<count).map { _ in exponential(&stream) }
      let sum = draws.reduce(0, +)
      start += draws.map { $0 / sum }
    }
    self.init(game, at: start)
  }

  /// The gap at a point; where it has no closed form, the natural residual.
  func gap(at point: Point) -> Double { problem.gap(at: point) ?? naturalResidual(of: problem, at: point) }
}

/// An exponential number as half the sum of two squared normal ones.
private func exponential(_ stream: inout RandomStream) -> Double {
  let (a, b) = (stream.nextNormal(), stream.nextNormal())
  return (a * a + b * b) / 2
}
