import RealModule

/// Bounds on the expected bits of one dual vector, as the papers state them.
///
/// All of them count codewords, signs of non-zero levels and one norm; frames, lengths and padding come on top. They hold
/// for Huffman codes made from the probabilities of the symbols.
public struct CodeLengthBound: Hashable, Sendable {
  /// The coordinates of one layer type.
  public struct TypeShare: Hashable, Sendable {
    /// μ, the share of the type's coordinates in all.
    public let share: Double
    /// pⱼ, the probability of each level index; index 0 is the level zero unless `hasSigns` is false.
    public let probabilities: [Double]
    /// Whether indices other than 0 are followed by a sign, as those of magnitudes are.
    public let hasSigns: Bool

    /// The share and the probabilities of a type.
    public init(share: Double, probabilities: [Double], hasSigns: Bool = true) {
      self.share = share
      self.probabilities = probabilities
      self.hasSigns = hasSigns
    }

    /// H(ℓ), the entropy of the level index in bits.
    public var entropy: Double { entropyBits(probabilities) }

    /// The share of coordinates of this type that carry a sign, 1 − p₀.
    var signRate: Double { hasSigns ? 1 - (probabilities.first ?? 1) : 0 }
  }

  /// d, the number of quantized coordinates.
  public let dimension: Int
  /// The layer types, whose shares sum to 1.
  public let types: [TypeShare]
  /// C_q, the bits of a norm.
  public let normBits: Double

  /// Bounds for `dimension` coordinates of these types.
  ///
  /// - Parameters:
  ///   - dimension: d, the number of quantized coordinates.
  ///   - types: The layer types, whose shares sum to 1.
  ///   - normBits: C_q, 32 for every norm that is sent.
  public init(dimension: Int, types: [TypeShare], normBits: Double = 32) {
    precondition(abs(types.reduce(0) { $0 + $1.share } - 1) < 1e-9, "The shares of the layer types sum to 1")
    self.dimension = dimension
    self.types = types
    self.normBits = normBits
  }

  /// Σ μₘ H(ℓᵐ), the bits per coordinate of an ideal code under the Main protocol, without signs.
  public var mainEntropy: Double { types.reduce(0) { $0 + $1.share * $1.entropy } }

  /// H(L) = H(μ) + Σ μₘ H(ℓᵐ), the same under the Alternating protocol.
  public var alternatingEntropy: Double {
    entropyBits(types.flatMap { type in type.probabilities.map { type.share * $0 } })
  }

  /// H(μ), what the Alternating protocol costs more per coordinate: the entropy of the types' shares.
  public var typeEntropy: Double { entropyBits(types.map(\.share)) }

  /// The bound of the Main protocol, C_q + d·Σ μₘ(1 − p₀ᵐ) + d·Σ μₘ(H(ℓᵐ) + 1), in bits (arXiv 2505.14371, section 5).
  public var main: Double { normBits + Double(dimension) * (signRate + mainEntropy + 1) }

  /// The bound of the Alternating protocol, C_q + d(1 − p₀) + d(H(L) + 1), in bits (arXiv 2505.14371, section 5).
  public var alternating: Double { normBits + Double(dimension) * (signRate + alternatingEntropy + 1) }

  private var signRate: Double { types.reduce(0) { $0 + $1.share * $1.signRate } }
}

extension CodeLengthBound {
  /// The most coordinates that can be expected not to be rounded to zero, min{d, d^(1 − 1/q)/ℓ₁}.
  ///
  /// A coordinate u is non-zero with probability at most min(1, u/ℓ₁), and Σu ≤ d^(1 − 1/q) where ‖u‖_q = 1.
  ///
  /// - Parameters:
  ///   - dimension: d, the coordinates that share a norm.
  ///   - firstLevel: ℓ₁, the smallest positive level.
  ///   - exponent: q ≥ 1, infinite for the maximum norm.
  /// - Returns: The bound on the expected number.
  public static func expectedNonZeros(dimension: Int, firstLevel: Double, exponent: Double) -> Double {
    let d = Double(dimension)
    return min(d, Double.pow(d, 1 - 1 / exponent) / firstLevel)
  }

  /// The bound of Theorem 3 of arXiv 2010.12460, b + n + d(H(L) + 1) with n = min{ℓ₁^(−q) + d^(1 − 1/q)/ℓ₁, d}, in bits.
  ///
  /// - Parameters:
  ///   - dimension: d, the coordinates that share a norm.
  ///   - firstLevel: ℓ₁, the smallest positive level.
  ///   - exponent: q ≥ 1, finite.
  ///   - entropy: H(L), the entropy of the level index in bits.
  ///   - normBits: b, the bits of a norm.
  /// - Returns: The bound on the expected bits.
  public static func adaptiveLevels(
    dimension: Int, firstLevel: Double, exponent: Double, entropy: Double, normBits: Double = 32
  ) -> Double {
    let d = Double(dimension)
    let nonZeros = Double.pow(firstLevel, -exponent) + Double.pow(d, 1 - 1 / exponent) / firstLevel
    return normBits + min(nonZeros, d) + d * (entropy + 1)
  }

  /// The length of QSGD with Elias codes, (3 + 3/2·log₂(2(s² + d)/(s(s + √d))))·s(s + √d) + 32 bits.
  ///
  /// arXiv 1610.02132, Theorem 3.2, without its term o(1): asymptotic, not a bound at every d.
  ///
  /// - Parameters:
  ///   - dimension: d, the coordinates that share the ℓ2 norm.
  ///   - intervals: s, the number of intervals of the uniform levels.
  /// - Returns: The expected bits to leading order.
  public static func uniformElias(dimension: Int, intervals: Int) -> Double {
    let d = Double(dimension)
    let s = Double(intervals)
    let nonZeros = s * (s + d.squareRoot())
    return (3 + 1.5 * Double.log2(2 * (s * s + d) / nonZeros)) * nonZeros + 32
  }
}

/// −Σ p log₂ p in bits.
private func entropyBits(_ probabilities: [Double]) -> Double {
  probabilities.reduce(0) { $0 - ($1 > 0 ? $1 * Double.log2($1) : 0) }
}
