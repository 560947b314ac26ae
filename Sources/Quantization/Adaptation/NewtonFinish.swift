import LaminaNumerics

extension VarianceObjective {
  /// Newton's iteration on ∇Ψ = 0 with the tridiagonal Hessian, from points that coordinate descent has brought near.
  ///
  /// A step is taken only if it keeps the order, does not raise Ψ beyond rounding and halves the largest derivative.
  ///
  /// - Parameters:
  ///   - points: The points to improve.
  ///   - moments: Their moments.
  /// - Returns: Whether the last step changed no point by more than 1e-12 of itself.
  func finishByNewton(_ points: inout [Double], _ moments: inout [PartialMoments]) -> Bool {
    var gradient = self.gradient(points, moments)
    var variance = self.variance(points, moments)
    for _ in 0..<12 {
      let hessian = self.hessian(points, moments)
      guard let step = solvedTridiagonal(hessian.diagonal, hessian.beside, gradient) else { return false }
      var next = points
      for (index, change) in step.enumerated() { next[index + 1] -= change }
      if form == .withoutZero { next[0] = -next[1] }
      guard zip(next, next.dropFirst()).allSatisfy({ $0 < $1 }) else { return false }
      let nextMoments = self.moments(next)
      let nextGradient = self.gradient(next, nextMoments)
      let nextVariance = self.variance(next, nextMoments)
      let isSmall = zip(step, points.dropFirst()).allSatisfy { $0.magnitude <= 1e-12 * $1.magnitude }
      let progress = largestMagnitude(nextGradient) <= largestMagnitude(gradient) / 2
      guard isSmall || progress, nextVariance <= variance + 1e-14 * law.secondMoment else { return false }
      (points, moments, gradient, variance) = (next, nextMoments, nextGradient, nextVariance)
      if isSmall { return true }
    }
    return false
  }
}

private func largestMagnitude(_ values: [Double]) -> Double { values.reduce(0) { max($0, $1.magnitude) } }

/// The solution of a symmetric tridiagonal system by elimination, or nil unless all pivots are positive.
private func solvedTridiagonal(_ diagonal: [Double], _ beside: [Double], _ right: [Double]) -> [Double]? {
  var pivots = diagonal
  var result = right
  for index in diagonal.indices {
    if index > 0 {
      let factor = beside[index - 1] / pivots[index - 1]
      pivots[index] -= factor * beside[index - 1]
      result[index] -= factor * result[index - 1]
    }
    guard pivots[index] > 0 else { return nil }
  }
  for index in diagonal.indices.reversed() {
    if index + 1 < result.count { result[index] -= beside[index] * result[index + 1] }
    result[index] /= pivots[index]
  }
  return result
}
