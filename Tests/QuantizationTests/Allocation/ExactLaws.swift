import LaminaNumerics
import Quantization
import RealModule

/// Symmetric laws in closed form, and the entropies of their dithered symbols by direct sums.
enum ExactLaw: String, CaseIterable, Sendable {
  case gaussian, laplace, student3
  /// Nineteen of twenty coordinates are zero, the others Gaussian.
  case sparse

  /// √(E v²).
  var rootMeanSquare: Double {
    switch self {
    case .gaussian: 1
    case .laplace: Double.sqrt(2)
    case .student3: Double.sqrt(3)
    case .sparse: Double.sqrt(0.05)
    }
  }

  /// P(|v| > t).
  func survival(_ t: Double) -> Double {
    switch self {
    case .gaussian: Double.erfc(t / Double.sqrt(2))
    case .laplace: Double.exp(-t)
    case .student3:
      1 - 2 / Double.pi * (Double.atan(t / Double.sqrt(3)) + t / Double.sqrt(3) / (1 + t * t / 3))
    case .sparse: 0.05 * ExactLaw.gaussian.survival(t)
    }
  }

  /// E max(0, |v| − t).
  func excess(_ t: Double) -> Double {
    switch self {
    case .gaussian: Double.sqrt(2 / Double.pi) * Double.exp(-t * t / 2) - t * survival(t)
    case .laplace: Double.exp(-t)
    case .student3: 2 * Double.sqrt(3) / Double.pi / (1 + t * t / 3) - t * survival(t)
    case .sparse: 0.05 * ExactLaw.gaussian.excess(t)
    }
  }

  /// P(q) by the second difference, for q of at least 0.
  func probability(_ q: Int, step: Double) -> Double {
    let t = Double(q) * step
    guard q > 0 else { return 1 - (excess(0) - excess(step)) / step }
    return max(0, excess(t - step) - 2 * excess(t) + excess(t + step)) / (2 * step)
  }

  /// H(q), or H(h) + r for the high parts of q = 2ʳh + l.
  func entropyBits(step: Double, lowBits: Int = 0) -> Double {
    let limit = Int(min(40 * rootMeanSquare * (self == .student3 ? 8 : 1) / step, 0x1p17)) + 2
    func surprise(_ p: Double) -> Double { p > 0 ? -p * Double.log(p) / Double.log(2) : 0 }
    guard lowBits > 0 else {
      return surprise(probability(0, step: step))
        + (1...limit).reduce(0) { $0 + 2 * surprise(probability($1, step: step)) }
    }
    var parts: [Int: Double] = [:]
    for q in -limit...limit { parts[q >> lowBits, default: 0] += probability(abs(q), step: step) }
    return Double(lowBits) + parts.values.reduce(0) { $0 + surprise($1) }
  }

  /// `count` coordinates at the middles of as many equally likely parts of the law, with alternating signs.
  func stratified(count: Int) -> [Float] {
    (0..<count).map { i in
      let share = (Double(i) + 0.5) / Double(count)
      guard share < survival(0) else { return 0 }
      var (low, high) = (0.0, 1e6)
      while high - low > 1e-9 * high {
        let middle = (low + high) / 2
        if survival(middle) > share { low = middle } else { high = middle }
      }
      return Float(i % 2 == 0 ? high : -high)
    }
  }

  /// The histogram of a stratified sample, scaled.
  func histogram(count: Int = 1 << 15, scale: Float = 1) -> MagnitudeHistogram {
    var histogram = MagnitudeHistogram()
    histogram.observe(stratified(count: count).map { $0 * scale }.span)
    return histogram
  }
}
