import Foundation
import LaminaNumerics

/// A law of independent coordinates with unit variance.
package enum DistortionSource: String, CaseIterable, Codable, Sendable {
  case gaussian
  case laplace
  /// Student's law with three degrees of freedom, whose fourth moment is infinite.
  case student
  /// One coordinate in a hundred is normal, the others are 0.
  case sparse

  /// Laws with a density, from light tails to heavy ones.
  package static let continuous: [DistortionSource] = [.gaussian, .laplace, .student]

  /// Independent coordinates, the same for the same key.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - key: Names the draw.
  /// - Returns: `count` numbers.
  package func sample(count: Int, key: RandomKey) -> [Float] {
    var stream = RandomStream(key: key)
    return (0..<count).map { _ in Float(draw(&stream)) }
  }

  private func draw(_ stream: inout RandomStream) -> Double {
    switch self {
    case .gaussian: return stream.nextNormal()
    case .laplace:
      let place = stream.nextUnit() - 0.5
      let magnitude = -log(1 - 2 * min(abs(place), 0.5.nextDown)) / 2.0.squareRoot()
      return place < 0 ? -magnitude : magnitude
    case .student:
      let normal = stream.nextNormal()
      let squares = (0..<3).reduce(0.0) { sum, _ in
        let value = stream.nextNormal()
        return sum + value * value
      }
      // Divided by the root of the variance, 3, of Student's law.
      return normal / squares.squareRoot()
    case .sparse:
      let normal = 10 * stream.nextNormal()
      return stream.nextUnit() < 0.01 ? normal : 0
    }
  }

  /// The entropy power over the variance, 2^(2h)/(2πe) with h the differential entropy; nil without a density.
  package var entropyPower: Double? {
    switch self {
    case .gaussian: return 1
    case .laplace: return M_E / .pi
    case .student:
      // h = 4 ln 2 − 2 + ln(π/2) at unit variance.
      let entropy = 4 * log(2) - 2 + log(Double.pi / 2)
      return exp(2 * entropy) / (2 * .pi * M_E)
    case .sparse: return nil
    }
  }

  /// Shannon's lower bound of the mean squared error at a rate, over the variance.
  ///
  /// - Parameter bits: Bits per coordinate.
  /// - Returns: What no code of this rate is below, however long its blocks; nil for a law without a density.
  package func shannonBound(bits: Double) -> Double? { entropyPower.map { $0 * exp2(-2 * bits) } }
}
