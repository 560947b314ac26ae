/// The kind of a layer: layers of one type share a level sequence and a code.
///
/// Any name makes a type; the constants are those that ``LayerRules/standard`` assigns.
public struct LayerType: RawRepresentable, Hashable, Sendable, Codable, CodingKeyRepresentable {
  /// The name, of at most 255 bytes in UTF-8.
  public let rawValue: String

  /// The type with this name.
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let convolution = LayerType(rawValue: "convolution")
  public static let transposedConvolution = LayerType(rawValue: "transposed-convolution")
  public static let linear = LayerType(rawValue: "linear")
  public static let embedding = LayerType(rawValue: "embedding")
  public static let attention = LayerType(rawValue: "attention")
  public static let recurrent = LayerType(rawValue: "recurrent")
  public static let normalisation = LayerType(rawValue: "normalisation")
  public static let bias = LayerType(rawValue: "bias")

  /// This type under a player or part of the model, such as `critic/convolution`.
  public func scoped(to part: String) -> LayerType { LayerType(rawValue: part + "/" + rawValue) }

  /// Whether the standard plan sends the type exactly: few coordinates, and sensitive ones.
  public var isExactByDefault: Bool {
    let kind = rawValue.split(separator: "/").last.map(String.init) ?? rawValue
    return kind == LayerType.bias.rawValue || kind == LayerType.normalisation.rawValue
  }
}

extension LayerType: Comparable, CustomStringConvertible {
  public static func < (left: LayerType, right: LayerType) -> Bool {
    Array(left.rawValue.utf8).lexicographicallyPrecedes(Array(right.rawValue.utf8))
  }
  public var description: String { rawValue }
}
