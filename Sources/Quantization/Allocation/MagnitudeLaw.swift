/// The law of magnitudes that a ``MagnitudeHistogram`` estimates, and what dithered quantization makes of it.
///
/// In each bin the mass is spread evenly below and above the mean of the bin, in the shares that give this mean. The
/// survival function S(t) = P(|v| > t) is then linear between knots, and its integral T(t) = E max(0, |v| − t) a sum of
/// trapezia, which is computed from the top down, without cancellation.
public struct MagnitudeLaw: Hashable, Sendable {
  /// A place t, S(t) and T(t).
  struct Knot: Hashable {
    var place: Double
    var survival: Double
    var excess: Double
  }

  /// In increasing order of place, from 0 to the place where S ends at 0; empty for the law of a constant zero.
  let knots: [Knot]
  /// P(v = 0).
  public let zeroShare: Double
  /// E v².
  public let meanSquare: Double

  /// E|v|.
  public var meanMagnitude: Double { knots.first?.excess ?? 0 }

  /// T(t) for any t of at least 0.
  func excess(above t: Double) -> Double {
    let above = knots.firstIndex(ofSorted: { $0.place > t })
    guard above > 0, above < knots.count else { return above == 0 ? meanMagnitude : 0 }
    let (low, high) = (knots[above - 1], knots[above])
    let left = high.place - t
    let survival = high.survival + (low.survival - high.survival) * (left / (high.place - low.place))
    return high.excess + left * (survival + high.survival) / 2
  }

  /// Puts a law together from the largest magnitudes down.
  struct Builder {
    private let total: Double
    private var knots: [Knot] = []
    private var nonzero = 0.0
    private var square = 0.0

    /// A law of `total` coordinates, of which those that no bin holds are zeros.
    init(total: Double) { self.total = total }

    /// Adds a bin below everything so far: uniform below and above the mean, in the shares p and 1 − p that give it.
    mutating func prepend(_ bin: ClosedRange<Double>, count: Double, mean: Double) {
      let (a, b) = (bin.lowerBound, bin.upperBound)
      let middle = min(max(mean, a), b)
      let weight = count / total
      nonzero += count
      let lower = weight * ((b - middle) / (b - a))
      if knots.isEmpty { knots.append(Knot(place: b, survival: 0, excess: 0)) }
      descend(to: b, adding: 0)
      descend(to: middle, adding: weight - lower)
      descend(to: a, adding: lower)
      square += lower * (a * a + a * middle + middle * middle) / 3
      square += (weight - lower) * (middle * middle + middle * b + b * b) / 3
    }

    /// One more knot at or below the last one, with `mass` between them.
    private mutating func descend(to place: Double, adding mass: Double) {
      guard let last = knots.last, place < last.place || mass > 0 else { return }
      let survival = last.survival + mass
      let excess = last.excess + (last.place - place) * (survival + last.survival) / 2
      knots.append(Knot(place: place, survival: survival, excess: excess))
    }

    func finished() -> MagnitudeLaw {
      var builder = self
      builder.descend(to: 0, adding: 0)
      let zeros = total > 0 ? (total - nonzero) / total : 1
      return MagnitudeLaw(knots: builder.knots.reversed(), zeroShare: zeros, meanSquare: square)
    }
  }
}
