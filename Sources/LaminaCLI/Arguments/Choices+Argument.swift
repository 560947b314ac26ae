import ArgumentParser
import GradientExchange
import Quantization
import WireFormat

// Closed choices whose names are their raw values.
extension LayerCode.Kind: ExpressibleByArgument {}
extension AdaptationMethod: ExpressibleByArgument {}
extension NonFinitePolicy: ExpressibleByArgument {}
extension LevelGrouping: ExpressibleByArgument {}

extension Reduction: ExpressibleByArgument {
  /// None: names say enough, and help lists them in one line.
  public static var allValueDescriptions: [String: String] { [:] }
}

extension CodingProtocol: ExpressibleByArgument {
  /// `main` or `alternating`.
  public init?(argument: String) {
    guard let value = Self.allCases.first(where: { $0.defaultValueDescription == argument.lowercased() }) else {
      return nil
    }
    self = value
  }

  public var defaultValueDescription: String {
    switch self {
    case .main: "main"
    case .alternating: "alternating"
    }
  }

  public static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }
  /// None: names say enough, and help lists them in one line.
  public static var allValueDescriptions: [String: String] { [:] }
}

extension NormWeighting: ExpressibleByArgument {
  /// `squared-norm`, `norm` or `unweighted`.
  public init?(argument: String) {
    guard let value = Self.allCases.first(where: { $0.defaultValueDescription == argument.lowercased() }) else {
      return nil
    }
    self = value
  }

  public var defaultValueDescription: String {
    switch self {
    case .squaredNorm: "squared-norm"
    case .norm: "norm"
    case .unweighted: "unweighted"
    }
  }

  public static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }
  /// None: names say enough, and help lists them in one line.
  public static var allValueDescriptions: [String: String] { [:] }
}
