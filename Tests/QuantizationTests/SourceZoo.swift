import LaminaNumerics
import RealModule
import Testing

/// Laws of coordinates with unit variance, from light tails to heavy ones.
enum SourceZoo: String, CaseIterable, CustomTestStringConvertible, Sendable {
  case gaussian
  case laplace
  /// Student's law with three degrees of freedom.
  case student

  static let all = allCases

  var testDescription: String { rawValue }

  func sample(count: Int, key: RandomKey) -> [Float] {
    var stream = RandomStream(key: key)
    return (0..<count).map { _ in
      switch self {
      case .gaussian: return Float(stream.nextNormal())
      case .laplace:
        let uniform = stream.nextUnit() - 0.5
        let magnitude = -Double.log(max(1 - 2 * abs(uniform), 1e-300)) / 2.0.squareRoot()
        return Float(uniform < 0 ? -magnitude : magnitude)
      case .student:
        let normal = stream.nextNormal()
        let squares = (0..<3).reduce(0.0) { sum, _ in
          let value = stream.nextNormal()
          return sum + value * value
        }
        // The law has variance 3.
        return Float(normal / (squares / 3).squareRoot() / 3.0.squareRoot())
      }
    }
  }
}
