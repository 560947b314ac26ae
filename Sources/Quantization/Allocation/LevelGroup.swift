public import LaminaNumerics

/// How the bits of symbols are counted when levels are allocated.
public enum LevelRate: String, Hashable, Sendable, Codable, CaseIterable {
  /// Fields of fixed width.
  case fixedWidth = "fixed-width"
  /// The entropy of the symbols, signs included: what an entropy coder comes close to.
  case entropy
}

/// A layer type (or a single layer) with the level sequences that it could be given.
public struct LevelGroup: Hashable, Sendable {
  /// One level sequence, what it costs and what it leaves.
  public struct Candidate: Hashable, Sendable {
    /// The levels.
    public var levels: Levels
    /// Bits for all coordinates of one vector, norms included.
    public var bits: Double
    /// The expected squared error, summed over all vectors observed.
    public var squaredError: Double
  }

  /// The layer type.
  public let type: LayerType
  /// How many coordinates one vector has of it.
  public let coordinates: Int
  /// Σ‖v‖² over all vectors observed.
  public let squaredNorm: Double
  /// Candidates, the narrowest first.
  public let candidates: [Candidate]

  /// The best levels of each width for a known law.
  ///
  /// - Parameters:
  ///   - type: The layer type.
  ///   - coordinates: How many coordinates one vector has of it.
  ///   - normCount: How many norms of 32 bits travel with them.
  ///   - form: Levels of the form wanted: magnitudes, signed without a zero, or signed with one.
  ///   - law: The law of normalised coordinates, weighted by squared norms.
  ///   - weight: Σ N²·n over the buckets observed, N the norm of a bucket and n its coordinates: what a variance of 1
  ///     under the law amounts to. `Histogram.totalWeight` is it.
  ///   - widths: The widths of a fixed-width field, sign included, from 1 to 8; magnitudes need at least 2.
  ///   - method: How the levels of each candidate are fitted; ``AdaptationMethod/fixed`` takes uniform ones.
  ///   - rate: How bits are counted.
  /// - Throws: ``AllocationError/levels(_:_:)`` where the method has no levels of this form under this law at any width.
  public init<Law: BoundedDistribution>(
    type: LayerType, coordinates: Int, normCount: Int, form: Levels, law: Law, weight: Double,
    widths: ClosedRange<Int> = 2...8, method: AdaptationMethod = .optimal, rate: LevelRate = .fixedWidth
  ) throws(AllocationError) {
    precondition(coordinates > 0 && normCount >= 0, "A group has coordinates")
    precondition(weight >= 0 && weight.isFinite, "A weight is finite and not negative")
    self.type = type
    self.coordinates = coordinates
    squaredNorm = weight * law.secondMoment
    var candidates: [Candidate] = []
    var failure: AdaptationError?
    for width in widths {
      guard let start = LevelGroup.uniformLevels(width: width, like: form) else { continue }
      let levels: Levels
      // A law of few points has no use for many levels: such widths are no candidates.
      do {
        levels = try method.fit(start, to: law)
      } catch {
        failure = error
        continue
      }
      let bits = LevelGroup.bits(of: levels, under: law, rate) * Double(coordinates) + 32 * Double(normCount)
      candidates.append(
        Candidate(levels: levels, bits: bits, squaredError: weight * levels.expectedVariance(under: law)))
    }
    if candidates.isEmpty, let failure { throw .levels(type, failure) }
    precondition(!candidates.isEmpty, "No width from \(widths) suits the form of the levels")
    self.candidates = candidates
  }

  /// The index of the candidate whose field has this width.
  func index(ofWidth width: Int) -> Int? { candidates.firstIndex { $0.levels.fieldWidth == width } }

  /// Equally spaced levels of the form of `form` that use a field of `width` bits; nil where there are none.
  private static func uniformLevels(width: Int, like form: Levels) -> Levels? {
    precondition((1...8).contains(width), "A field has 1 to 8 bits, not \(width)")
    guard form.areSigned else { return width > 1 ? .uniform(intervals: 1 << (width - 1) - 1) : nil }
    guard form.containZero && form.areSymmetric else {
      let last = 1 << width - 1
      return Levels(trusted: (0...last).map { Float(2 * $0 - last) / Float(last) })
    }
    let side = 1 << (width - 1) - 1
    return side > 0 ? Levels(trusted: (-side...side).map { Float($0) / Float(side) }) : nil
  }

  private static func bits<Law: BoundedDistribution>(of levels: Levels, under law: Law, _ rate: LevelRate) -> Double {
    guard rate == .entropy else { return Double(levels.fieldWidth) }
    let probabilities = levels.symbolProbabilities(under: law)
    // Magnitudes other than 0 have a sign of one bit.
    return entropyInBits(of: probabilities) + (levels.areSigned ? 0 : 1 - probabilities[0])
  }
}

extension LevelGroup {
  /// The groups of a model from what was pooled for the adaptation of its levels, to be called at a level update.
  ///
  /// - Parameters:
  ///   - map: The layers.
  ///   - quantizers: The quantizer in force of each type that is quantized: its form of levels, norm and scope.
  ///   - statistics: The pooled estimate of each of these types: histograms weighted by squared norms.
  ///   - widths: The widths of a fixed-width field, from 1 to 8; magnitudes need at least 2.
  ///   - method: How the levels of each candidate are fitted.
  ///   - rate: How bits are counted.
  /// - Returns: One group per quantized type, sorted by name.
  /// - Throws: ``AllocationError`` where statistics are missing, empty or of another kind, or levels cannot be fitted.
  public static func groups(
    of map: LayerMap, quantizers: [LayerType: LevelQuantizer], statistics: [LayerType: ChosenEstimate],
    widths: ClosedRange<Int> = 2...8, method: AdaptationMethod = .optimal, rate: LevelRate = .fixedWidth
  ) throws(AllocationError) -> [LevelGroup] {
    var groups: [LevelGroup] = []
    for type in map.types {
      guard let quantizer = quantizers[type] else { continue }
      guard let estimate = statistics[type] else { throw .noObservations([type]) }
      guard case .histogram(let histogram) = estimate, histogram.weighting == .squaredNorm else {
        throw .needsSquaredNorms([type])
      }
      guard histogram.totalWeight > 0 else { throw .noObservations([type]) }
      let support: CoordinateSupport = quantizer.levels.areSigned ? histogram.support : .magnitudes
      let law: PiecewiseUniform
      do { law = try histogram.distribution(on: support) } catch { throw .levels(type, error) }
      let counts = map.layers.filter { $0.type == type }.map(\.range.count)
      groups.append(
        try LevelGroup(
          type: type, coordinates: counts.reduce(0, +),
          normCount: counts.reduce(0) { $0 + quantizer.scope.normCount(in: $1) }, form: quantizer.levels, law: law,
          weight: histogram.totalWeight, widths: widths, method: method, rate: rate))
    }
    return groups
  }
}
