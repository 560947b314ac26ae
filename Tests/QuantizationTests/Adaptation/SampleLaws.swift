import LaminaNumerics
import Quantization
import RealModule

/// Laws that samples are drawn from.
enum SampleLaw: String, CaseIterable, Sendable {
  case gaussian, laplace, student3

  func draw(_ stream: inout RandomStream) -> Double {
    switch self {
    case .gaussian: return stream.nextNormal()
    case .laplace:
      let sign = stream.nextUnit() < 0.5 ? -1.0 : 1
      return -sign * Double.log(1 - stream.nextUnit())
    case .student3:
      let squares = (0..<3).reduce(0) { sum, _ in
        let normal = stream.nextNormal()
        return sum + normal * normal
      }
      return stream.nextNormal() / (squares / 3).squareRoot()
    }
  }
}

/// A vector cut into buckets, each divided by its ℓ2 norm.
struct SampleBuckets {
  var units: [[Float]] = []
  var norms: [Float] = []

  init(_ law: SampleLaw, buckets: Int, size: Int, seed: UInt64) {
    for bucket in 0..<buckets {
      var stream = RandomStream(key: RandomKey(seed: seed).folding(UInt64(bucket)))
      let values = (0..<size).map { _ in law.draw(&stream) }
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      units.append(values.map { Float($0 / norm) })
      norms.append(Float(norm))
    }
  }

  func observe<Statistics: SufficientStatistics>(into statistics: inout Statistics) {
    for (unit, norm) in zip(units, norms) { statistics.observe(unit.span, norm: norm) }
  }

  /// The exact law of the magnitudes, weighted by squared norms.
  var law: PiecewiseUniform {
    var sample: [(coordinate: Double, weight: Double)] = []
    for (unit, norm) in zip(units, norms) {
      for coordinate in unit { sample.append((Double(min(coordinate.magnitude, 1)), Double(norm) * Double(norm))) }
    }
    return PiecewiseUniform(sample: sample)
  }
}
