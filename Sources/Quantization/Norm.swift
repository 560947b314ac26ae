import LaminaNumerics
import RealModule

/// The norm that a bucket is divided by before it is rounded.
///
/// Any q ≥ 1 is valid (arXiv 2505.14371, section 3); ℓ2 and the maximum are the useful ones.
public enum Norm: Hashable, Sendable {
  /// The sum of absolute values.
  case l1
  /// The Euclidean norm: QSGD, NUQSGD.
  case l2
  /// The q-norm for a finite q ≥ 1.
  case lq(Float)
  /// The largest absolute value, q = ∞: QSGD-inf, TernGrad.
  case max

  /// q, infinite for the maximum.
  public var exponent: Double {
    switch self {
    case .l1: 1
    case .l2: 2
    case .lq(let q): Double(q)
    case .max: .infinity
    }
  }

  /// This norm under its own name, where a general exponent has one: `.lq(2)` is ``l2``.
  var canonical: Norm {
    switch exponent {
    case 1: .l1
    case 2: .l2
    case .infinity: .max
    default: self
    }
  }

  /// The norm of `values`: not finite when a coordinate is not, or when the norm exceeds the range of binary32.
  ///
  /// The sums of ℓ1 and ℓ2 run in 16 lanes of binary64, lane j over the coordinates j, j + 16, …, and are then added
  /// in halves. The square of a binary32 is exact in binary64, so neither overflow nor fused arithmetic can change the
  /// result, and every vector width reproduces it.
  public func callAsFunction(_ values: Span<Float>) -> Float {
    values.withUnsafeBufferPointer { of($0) }
  }

  /// The norm of `values`, see ``callAsFunction(_:)``.
  package func of(_ values: UnsafeBufferPointer<Float>) -> Float { of(values, kernels: .active) }

  /// The norm of `values` by certain kernels.
  package func of(_ values: UnsafeBufferPointer<Float>, kernels: MagnitudeKernels) -> Float {
    switch self {
    case .max: kernels.largest(of: values)
    case .l1: Float(kernels.sum(of: values))
    case .l2: Float(kernels.sumOfSquares(of: values).squareRoot())
    case .lq(let q): powerNorm(of: values, exponent: Double(q), kernels: kernels)
    }
  }

  /// The norm of a vector from the norms of its parts.
  package func combining(_ parts: [Float]) -> Float {
    parts.withUnsafeBufferPointer { of($0) }
  }
}

@inline(__always)
private func laneSum(of values: UnsafeBufferPointer<Float>, _ term: (Float) -> Double) -> Double {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: 16) { lanes in
    lanes.initialize(repeating: 0)
    var start = 0
    while start + 16 <= values.count {
      for lane in 0..<16 { lanes[lane] += term(values[start + lane]) }
      start += 16
    }
    for lane in 0..<(values.count - start) { lanes[lane] += term(values[start + lane]) }
    var half = 8
    while half > 0 {
      for lane in 0..<half { lanes[lane] += lanes[lane + half] }
      half /= 2
    }
    return lanes[0]
  }
}

private func powerNorm(
  of values: UnsafeBufferPointer<Float>, exponent: Double, kernels: MagnitudeKernels
) -> Float {
  let largest = kernels.largest(of: values)
  guard largest > 0, largest.isFinite else { return largest }
  let sum = laneSum(of: values) { Double.pow(Double($0.magnitude) / Double(largest), exponent) }
  return Float(Double(largest) * Double.pow(sum, 1 / exponent))
}
