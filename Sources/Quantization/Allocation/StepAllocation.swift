/// Steps of dithered quantizers for the layer types of a model, and what they are expected to cost.
public struct StepAllocation: Hashable, Sendable {
  /// How the steps were divided.
  public enum Rule: String, Hashable, Sendable, Codable {
    /// One step for all types, over the square roots of their weights: reverse water-filling.
    case commonStep
    /// The same rate for all types: the default that water-filling is measured against.
    case equalRates
  }

  /// The share of one layer type.
  public struct Share: Hashable, Sendable {
    /// The layer type.
    public let type: LayerType
    /// How many coordinates it has.
    public let coordinates: Int
    /// Its step Δ.
    public let step: Double
    /// H(q), the expected bits per coordinate.
    public let bitsPerCoordinate: Double
    /// Δ²/12, the expected squared error per coordinate, whatever the coordinates are; 0 for a type of zeros.
    public let squaredError: Double
    /// E v², the mean square of a coordinate.
    public let meanSquare: Double
    /// The bits of this type over those of all quantized types.
    public fileprivate(set) var shareOfBits = 0.0

    /// The expected bits of the type.
    public var bits: Double { bitsPerCoordinate * Double(coordinates) }

    /// Whether the type lies under water: rate-distortion theory would send nothing of it at this error.
    public var isUnderWater: Bool { meanSquare <= squaredError }
  }

  /// How the steps were divided.
  public let rule: Rule
  /// The step at weight 1; nil where rates are equal and steps differ.
  public let commonStep: Double?
  /// The layer types, in the order in which they were given.
  public let shares: [Share]
  /// The expected bits of everything, over the coordinates of the whole model.
  public let bitsPerCoordinate: Double

  init(rule: Rule, commonStep: Double?, shares: [Share], budget: ModelBudget) {
    let bits = shares.reduce(0) { $0 + $1.bits }
    self.rule = rule
    self.commonStep = commonStep
    self.shares = shares.map { share in
      var share = share
      share.shareOfBits = bits > 0 ? share.bits / bits : 0
      return share
    }
    bitsPerCoordinate = budget.rate(ofQuantized: shares.reduce(0) { $0 + $1.coordinates }, bits: bits)
  }

  /// The expected squared error of the whole vector, Σ dₗΔₗ²/12.
  public var squaredError: Double { shares.reduce(0) { $0 + $1.squaredError * Double($1.coordinates) } }

  /// The expected squared error over the expected squared norm of the quantized coordinates; 0 for zeros.
  public var relativeError: Double {
    let norm = shares.reduce(0) { $0 + $1.meanSquare * Double($1.coordinates) }
    return norm > 0 ? squaredError / norm : 0
  }
}
