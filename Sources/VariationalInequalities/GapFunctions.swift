/// ‖x − Π(x − A(x))‖, which is 0 exactly at solutions.
///
/// - Parameters:
///   - problem: The problem.
///   - x: A feasible point.
/// - Returns: The natural residual at `x`; without constraints, ‖A(x)‖.
public func naturalResidual<P: Problem>(of problem: P, at x: Point) -> Double {
  var image = Point.difference(x, minus: 1, times: problem.evaluate(at: x))
  problem.project(&image)
  return image.squaredDistance(to: x).squareRoot()
}

/// maxⱼ (Pᵀx)ⱼ − minᵢ (Py)ᵢ: what both players of a matrix game could gain together by a change of strategy.
///
/// - Parameters:
///   - payoff: P; the first player chooses a row and pays, the second chooses a column and is paid.
///   - x: A mixed strategy over rows.
///   - y: A mixed strategy over columns.
/// - Returns: The gap, 0 exactly at equilibria.
public func matrixGameGap(payoff: DenseMatrix, x: [Double], y: [Double]) -> Double {
  let received = payoff.multiplyTransposed(x).max() ?? 0
  let paid = payoff.multiply(y).min() ?? 0
  return received - paid
}
