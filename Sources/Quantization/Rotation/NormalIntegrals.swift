/// The density and the integral of the standard normal law from additions, products and divisions alone.
///
/// IEEE 754 rounds these the same everywhere, unlike the exponential functions of C libraries, so that whatever is
/// computed from them has the same bits on every platform. Errors are a few units of 10⁻¹⁶.
enum NormalIntegrals {
  /// φ(x) = exp(−x²/2)/√(2π), for |x| up to 30.
  static func density(_ x: Double) -> Double {
    let exponent = x * x / 2
    let whole = exponent.rounded(.down)
    let rest = exponent - whole
    var result = 1.0
    for n in stride(from: 24.0, through: 1, by: -1) { result = 1 - rest / n * result }
    for _ in 0..<Int(whole) { result *= 0.367_879_441_171_442_33 }
    return result * 0.398_942_280_401_432_7
  }

  /// Φ(x) − ½ = φ(x)·Σ x²ᵏ⁺¹/(2k + 1)!!, for x from 0 to 10; all terms are positive.
  static func central(_ x: Double) -> Double {
    var (term, sum, odd) = (x, x, 1.0)
    while term > 0x1p-60 * sum {
      odd += 2
      term *= x * x / odd
      sum += term
    }
    return density(x) * sum
  }
}
