import RealModule

/// (1 − Φ(x))/φ(x), the upper tail of the standard normal law in units of its density.
///
/// Unlike the tail itself it neither underflows nor loses digits: it decreases from √(π/2) to about 1/x.
///
/// - Parameter x: A number of at least 0.
/// - Returns: The ratio, to a relative error of about 1e-14.
package func millsRatio(_ x: Double) -> Double {
  if x < 6 { return (Double.pi / 2).squareRoot() * Double.erfc(x / 2.0.squareRoot()) * Double.exp(x * x / 2) }
  // Laplace's continued fraction x + 1/(x + 2/(x + 3/…)), from the inside.
  var fraction = x
  for term in stride(from: 40.0, through: 1, by: -1) { fraction = x + term / fraction }
  return 1 / fraction
}
