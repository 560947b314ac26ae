import RealModule

/// A uniform quantizer with subtractive dither: q = ⌊v/Δ + d⌋ is sent, and Δ(q + ½ − d) is decoded.
///
/// The dither d is uniform on (0, 1) and named by a key, so that the receiver draws it again. Entropy coded, this is
/// ECDQ (J. Ziv, IEEE Trans. Inf. Theory 31, 1985; R. Zamir and M. Feder, 38, 1992): within 0.254 bit of the
/// rate-distortion function at high rate, for every law of the coordinates.
///
/// ## Laws
/// - The error is uniform on [−Δ/2, Δ/2], whatever v is: unbiased, E‖decoded − v‖² = dΔ²/12, and never above Δ/2; to
///   the rounding of binary32 and dither of 16 bits, whose bias is below Δ·2⁻¹⁷.
/// - With an agreed step the quantizer is linear: symbols of several workers add up, see ``DitheredSum``.
/// - The same key gives the same symbols, whatever the order of buckets and the number of threads.
/// - A bucket of zeros decodes to zeros; a bucket with a coordinate that is not finite, or beyond 2²² steps, decodes to
///   itself.
public struct DitheredQuantizer: Hashable, Sendable {
  /// Where the step comes from.
  public enum Step: Hashable, Sendable {
    /// The same step for all workers, in the unit of the coordinates: absolute noise, and linear.
    case agreed(Float)
    /// This multiple of the root mean square of the coordinates that share a scale: relative noise of factor²/12.
    case relative(Float, NormScope)
  }

  /// Where the step comes from.
  public let step: Step

  /// The range of agreed steps.
  public static let agreedSteps: ClosedRange<Float> = 0x1p-100...0x1p100
  /// The range of relative steps.
  public static let relativeSteps: ClosedRange<Float> = 0x1p-16...0x1p16
  /// The coordinates that share a key and a mark where they do not share a scale.
  public static let usualBucketSize = 1024

  /// A quantizer with this step.
  ///
  /// - Parameter step: An agreed step in ``agreedSteps``, or a factor in ``relativeSteps``.
  public init(step: Step) {
    switch step {
    case .agreed(let step):
      precondition(Self.agreedSteps.contains(step), "An agreed step is between 2⁻¹⁰⁰ and 2¹⁰⁰, not \(step)")
    case .relative(let factor, let scope):
      precondition(Self.relativeSteps.contains(factor), "A relative step is between 2⁻¹⁶ and 2¹⁶, not \(factor)")
      if case .bucket(let size) = scope {
        precondition((1...NormScope.largestBucket).contains(size), "A bucket has 1 to 2²⁴ coordinates, not \(size)")
      }
    }
    self.step = step
  }

  /// The quantizer whose expected squared error is `error` times the squared norm of the vector, exactly.
  ///
  /// - Parameters:
  ///   - error: E‖Q(v) − v‖²/‖v‖² for every v, positive: factor²/12.
  ///   - scope: The coordinates that share a scale.
  public init(normalizedError error: Double, scope: NormScope = .layer) {
    self.init(step: .relative(Float((12 * error).squareRoot()), scope))
  }

  /// The quantizer that spends about `bits` per coordinate on a Gaussian vector at high rate; fewer on any other law, and
  /// where layers differ in scale: the first guess before anything is known.
  ///
  /// h(X) − log₂ Δ = ½·log₂(2πe) + log₂(σ/Δ).
  ///
  /// - Parameters:
  ///   - bits: 0.5 to 16.
  ///   - scope: The coordinates that share a scale.
  /// - Returns: A quantizer with a relative step.
  public static func gaussian(bits: Double, scope: NormScope = .vector) -> DitheredQuantizer {
    precondition((0.5...16).contains(bits), "A dithered coordinate takes 0.5 to 16 bits, not \(bits)")
    return DitheredQuantizer(step: .relative(gaussianFactor(bits: bits), scope))
  }

  /// The step of ``gaussian(bits:scope:)`` in standard deviations.
  package static func gaussianFactor(bits: Double) -> Float {
    Float((2 * Double.pi * Double.exp(1)).squareRoot() * Double.exp2(-bits))
  }

  /// Whether the symbols of several workers add up: exactly where the step is agreed.
  public var isLinear: Bool { if case .agreed = step { true } else { false } }

  /// The coordinates that share a scale, nil where the step is agreed.
  public var scope: NormScope? { if case .relative(_, let scope) = step { scope } else { nil } }

  /// The coordinates that share a key and a mark.
  package var bucketSize: Int { if case .relative(_, .bucket(let size)) = step { size } else { Self.usualBucketSize } }

  /// The step of coordinates with the root mean square `scale`, one rounded product.
  ///
  /// - Parameter scale: 0, ordinary, or `LevelSymbols.exactMark`; not used where the step is agreed.
  /// - Returns: The step, 0 where the scale is 0, and NaN for the mark.
  package func stepSize(scale: Float) -> Float {
    switch step {
    case .agreed(let step): step
    case .relative(let factor, _): factor * scale
    }
  }
}
