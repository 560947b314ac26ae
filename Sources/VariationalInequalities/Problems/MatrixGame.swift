import LaminaNumerics
import RealModule

/// A zero-sum game in mixed strategies: min over x, max over y of xᵀPy on simplices.
///
/// A(x, y) = (Py, −Pᵀx), the gap is maxⱼ (Pᵀx)ⱼ − minᵢ (Py)ᵢ.
public struct MatrixGame: Problem {
  /// P: what the row player, who minimises, pays.
  public let payoff: DenseMatrix

  /// An equilibrium, where it was given with the game.
  public let solution: Point?

  private let feasible: FeasibleSet

  /// The game with the given payoff.
  ///
  /// - Parameters:
  ///   - payoff: P, a row for each strategy of x and a column for each of y.
  ///   - solution: An equilibrium, if it is known.
  public init(payoff: DenseMatrix, solution: Point? = nil) {
    precondition(payoff.rows > 0 && payoff.columns > 0, "Both players need a strategy")
    precondition(
      solution.map { $0.count == payoff.rows + payoff.columns } ?? true, "A solution holds both players' strategies")
    self.payoff = payoff
    self.solution = solution
    feasible = .product([
      .init(.simplex(total: 1), dimension: payoff.rows), .init(.simplex(total: 1), dimension: payoff.columns),
    ])
  }

  /// The number of both players' strategies.
  public var dimension: Int { payoff.rows + payoff.columns }

  /// (Py, −Pᵀx).
  ///
  /// - Parameter x: Both players' mixed strategies.
  /// - Returns: The value at `x`.
  public func evaluate(at x: Point) -> DualVector {
    let (row, column) = strategies(x)
    return payoff.multiply(column).map(Float.init) + payoff.multiplyTransposed(row).map { Float(-$0) }
  }

  /// Projects each player's coordinates on the simplex.
  ///
  /// - Parameter x: The point to project.
  public func project(_ x: inout Point) { feasible.project(&x) }

  /// What both players could gain by a change of strategy.
  ///
  /// - Parameter x: Both players' mixed strategies.
  /// - Returns: The gap, 0 exactly at equilibria.
  public func gap(at x: Point) -> Double? {
    let (row, column) = strategies(x)
    return matrixGameGap(payoff: payoff, x: row, y: column)
  }

  /// Both players choose uniformly: the usual start.
  public var uniformStrategies: Point {
    Point(repeating: 1 / Double(payoff.rows), count: payoff.rows)
      + Point(repeating: 1 / Double(payoff.columns), count: payoff.columns)
  }

  private func strategies(_ x: Point) -> (row: [Double], column: [Double]) {
    precondition(x.count == dimension, "A point holds both players' strategies")
    return (Array(x[..<payoff.rows]), Array(x[payoff.rows...]))
  }

  /// Rock, paper, scissors: value 0, both players uniform.
  public static var rockPaperScissors: MatrixGame {
    MatrixGame(
      payoff: DenseMatrix([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]), solution: Point(repeating: 1 / 3.0, count: 6))
  }

  /// The policeman and the burglar (Nemirovski): houses of random wealth, a guard who catches with distance.
  ///
  /// The burglar chooses house i and gains wᵢ(1 − exp(−0.8|i − j|)) against a policeman at house j, w = |N(0, 1)|. The
  /// burglar, who maximises, is the row player here, so P is the negative of his gain.
  ///
  /// - Parameters:
  ///   - houses: The number of houses, at least 1.
  ///   - key: The name of the draw.
  /// - Returns: The same game for the same key.
  public static func policemanAndBurglar(houses: Int, key: RandomKey) -> MatrixGame {
    precondition(houses > 0, "A burglar needs a house")
    var stream = RandomStream(key: key)
    var payoff = DenseMatrix(rows: houses, columns: houses)
    for i in 0..<houses {
      let wealth = abs(stream.nextNormal())
      for j in 0..<houses { payoff[i, j] = -wealth * (1 - Double.exp(-0.8 * Double(abs(i - j)))) }
    }
    return MatrixGame(payoff: payoff)
  }
}
