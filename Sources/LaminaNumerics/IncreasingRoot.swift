/// The zero of an increasing function, by Newton's method inside a shrinking bracket.
///
/// A step that would leave the bracket, or that shrinks it too slowly, is replaced by a bisection, so that the search
/// ends after at most about 120 evaluations for every function, and after 3 to 6 for a smooth one.
///
/// - Parameters:
///   - bracket: Where to look. If the function has no zero inside, the end nearest to it is returned.
///   - function: The value and the slope at a point; a slope that is not positive asks for a bisection.
/// - Returns: The least point, to 2 units in the last place, at which the function is not negative.
package func increasingRoot(
  in bracket: ClosedRange<Double>, of function: (Double) -> (value: Double, slope: Double)
) -> Double {
  var (low, high) = (bracket.lowerBound, bracket.upperBound)
  guard function(low).value < 0 else { return low }
  guard function(high).value >= 0 else { return high }
  var point = low + (high - low) / 2
  var stepBefore = high - low
  for _ in 0..<200 where low < point && point < high {
    let (value, slope) = function(point)
    if value < 0 { low = point } else { high = point }
    let newton = point - value / slope
    let step = (newton - point).magnitude
    if slope > 0, step <= 2 * point.ulp { return min(max(newton, bracket.lowerBound), bracket.upperBound) }
    let accepted = slope > 0 && low < newton && newton < high && step <= stepBefore / 2
    stepBefore = accepted ? step : (high - low) / 2
    point = accepted ? newton : low + (high - low) / 2
  }
  return high
}
