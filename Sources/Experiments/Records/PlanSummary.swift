/// How the vector of a run is quantized, for people to read.
public struct PlanSummary: Codable, Hashable, Sendable {
  /// What the layers of one type share.
  public struct LayerTypeSummary: Codable, Hashable, Sendable {
    /// The layer type.
    public var type: String
    /// Its layers.
    public var layers: Int
    /// Its coordinates.
    public var coordinates: Int
    /// The quantizer, such as "16 levels, max norm, buckets of 1024", or "exact".
    public var quantizer: String
    /// The code, such as "Huffman".
    public var code: String

    /// The summary of a type.
    public init(type: String, layers: Int, coordinates: Int, quantizer: String, code: String) {
      self.type = type
      self.layers = layers
      self.coordinates = coordinates
      self.quantizer = quantizer
      self.code = code
    }
  }

  /// The plan in a few words, such as "5 bits layer-wise" or "full precision".
  public var name: String
  /// Whether all coordinates travel as 32-bit numbers, so that other runs are measured against this one.
  public var isFullPrecision: Bool
  /// The digest that the frames carry, in hexadecimal; nil at full precision.
  public var digest: String?
  /// The layer types, in the order of the plan.
  public var types: [LayerTypeSummary]

  /// A summary.
  ///
  /// - Parameters:
  ///   - name: The plan in a few words.
  ///   - isFullPrecision: Whether all coordinates travel as 32-bit numbers.
  ///   - digest: The digest of the frames, in hexadecimal.
  ///   - types: The layer types.
  public init(name: String, isFullPrecision: Bool, digest: String? = nil, types: [LayerTypeSummary] = []) {
    self.name = name
    self.isFullPrecision = isFullPrecision
    self.digest = digest
    self.types = types
  }
}
