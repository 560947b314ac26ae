/// A local minimum of a function of one variable, by Brent's method: parabolas, safeguarded by golden sections.
///
/// Brent, *Algorithms for Minimization without Derivatives*, chapter 5. For a function with one minimum in the bracket it
/// finds that one; near a minimum, function values settle its place to about the square root of their precision.
///
/// - Parameters:
///   - bracket: Where to look, ends included in the limit.
///   - tolerance: The relative precision of the place, at least 1e-9.
///   - function: The function to minimise.
/// - Returns: The best point and its value.
package func brentMinimum(
  in bracket: ClosedRange<Double>, tolerance: Double = 1e-9, of function: (Double) -> Double
) -> (point: Double, value: Double) {
  let golden = (3 - 5.0.squareRoot()) / 2
  var (low, high) = (bracket.lowerBound, bracket.upperBound)
  var best = low + golden * (high - low)
  var bestValue = function(best)
  // The second best point, and the second best of the time before.
  var (second, third) = (best, best)
  var (secondValue, thirdValue) = (bestValue, bestValue)
  var step = 0.0
  var stepBefore = 0.0
  for _ in 0..<200 {
    let middle = (low + high) / 2
    let width = tolerance * best.magnitude + 1e-300
    if (best - middle).magnitude <= 2 * width - (high - low) / 2 { break }
    let r = (best - second) * (bestValue - thirdValue)
    let q = (best - third) * (bestValue - secondValue)
    let denominator = 2 * (q - r)
    let parabolic = denominator == 0 ? 0 : ((best - second) * r - (best - third) * q) / denominator
    let landing = best + parabolic
    if parabolic != 0, parabolic.magnitude < stepBefore.magnitude / 2, low < landing, landing < high {
      stepBefore = step
      step = min(landing - low, high - landing) < 2 * width ? (middle > best ? width : -width) : parabolic
    } else {
      stepBefore = best < middle ? high - best : low - best
      step = golden * stepBefore
    }
    let point = step.magnitude >= width ? best + step : best + (step > 0 ? width : -width)
    let value = function(point)
    if value <= bestValue {
      if point < best { high = best } else { low = best }
      (third, thirdValue, second, secondValue) = (second, secondValue, best, bestValue)
      (best, bestValue) = (point, value)
    } else {
      if point < best { low = point } else { high = point }
      if value <= secondValue || second == best {
        (third, thirdValue, second, secondValue) = (second, secondValue, point, value)
      } else if value <= thirdValue || third == best || third == second {
        (third, thirdValue) = (point, value)
      }
    }
  }
  return (best, bestValue)
}
