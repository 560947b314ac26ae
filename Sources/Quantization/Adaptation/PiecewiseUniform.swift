public import LaminaNumerics

/// A law whose density is constant between knots, with prefix sums: every query costs one binary search.
///
/// Two knots in one place hold an atom.
public struct PiecewiseUniform: BoundedDistribution, Hashable {
  /// A place, and what lies at or below it.
  struct Knot: Hashable {
    var place: Double
    var mass: Double
    var mean: Double

    func moved(to place: Double) -> Knot { Knot(place: place, mass: mass, mean: mean) }
  }

  /// The interval that holds all of the mass.
  public let bounds: ClosedRange<Double>
  /// E r².
  public let secondMoment: Double
  /// In increasing order of place; from mass 0 to mass 1.
  let knots: [Knot]

  /// F(u) and the first moment up to `u`.
  public func moments(through u: Double) -> PartialMoments {
    let above = knots.firstIndex(ofSorted: { $0.place > u })
    guard above > 0 else { return PartialMoments(mass: 0, mean: 0) }
    let low = knots[above - 1]
    guard above < knots.count else { return PartialMoments(mass: 1, mean: low.mean) }
    let high = knots[above]
    let mass = (high.mass - low.mass) * ((u - low.place) / (high.place - low.place))
    return PartialMoments(mass: low.mass + mass, mean: low.mean + mass * (low.place + u) / 2)
  }

  /// The density of the piece that begins at or before `u`.
  public func density(at u: Double) -> Double {
    let above = knots.firstIndex(ofSorted: { $0.place > u })
    guard above > 0, above < knots.count else { return 0 }
    return (knots[above].mass - knots[above - 1].mass) / (knots[above].place - knots[above - 1].place)
  }

  /// The least point of `bracket` with F(u) ≥ p.
  public func quantile(_ p: Double, in bracket: ClosedRange<Double>) -> Double {
    let index = knots.firstIndex(ofSorted: { $0.mass >= p })
    guard index < knots.count else { return bracket.upperBound }
    var place = knots[index].place
    if index > 0 {
      let low = knots[index - 1]
      place = low.place + (p - low.mass) / (knots[index].mass - low.mass) * (place - low.place)
    }
    return min(max(place, bracket.lowerBound), bracket.upperBound)
  }
}

extension PiecewiseUniform {
  /// The law of a sample: one atom at each distinct value.
  ///
  /// - Parameters:
  ///   - sample: Normalised coordinates and their weights; at least one, with values in the bounds and positive weights.
  ///   - bounds: 0...1 for magnitudes, −1...1 for signed coordinates.
  public init(sample: [(coordinate: Double, weight: Double)], bounds: ClosedRange<Double> = 0...1) {
    precondition(!sample.isEmpty, "The law of a sample needs at least one value")
    precondition(
      sample.allSatisfy { bounds.contains($0.coordinate) && $0.weight > 0 },
      "Sample values lie in the bounds and have positive weights")
    let total = sample.reduce(0) { $0 + $1.weight }
    var (knots, second) = ([Knot](), 0.0)
    for (place, weight) in sample.sorted(by: { $0.coordinate < $1.coordinate }) {
      let before = knots.last ?? Knot(place: place, mass: 0, mean: 0)
      let share = weight / total
      if knots.last?.place == place { knots.removeLast() } else { knots.append(before.moved(to: place)) }
      knots.append(Knot(place: place, mass: before.mass + share, mean: before.mean + share * place))
      second += share * place * place
    }
    // The shares sum to 1 up to rounding; the law says so exactly.
    knots[knots.count - 1].mass = 1
    self.init(bounds: bounds, secondMoment: second, knots: knots)
  }

  /// Puts a law together, bin after bin.
  struct Builder {
    private let bounds: ClosedRange<Double>
    private var knots: [Knot] = []
    private var second = 0.0

    init(bounds: ClosedRange<Double>) { self.bounds = bounds }

    /// Adds mass to the right of everything so far: uniform below and above the mean, with the shares p and 1 − p that
    /// give that mean, p·a + (1 − p)·b = mean.
    mutating func append(_ bin: ClosedRange<Double>, weight: Double, mean: Double) {
      let (a, b) = (bin.lowerBound, bin.upperBound)
      let middle = min(max(mean, a), b)
      let share = weight * ((b - middle) / (b - a))
      let start = knots.last ?? Knot(place: a, mass: 0, mean: 0)
      if knots.last?.place != a { knots.append(Knot(place: a, mass: start.mass, mean: start.mean)) }
      knots.append(Knot(place: middle, mass: start.mass + share, mean: start.mean + share * (a + middle) / 2))
      knots.append(Knot(place: b, mass: start.mass + weight, mean: start.mean + weight * middle))
      second += share * (a * a + a * middle + middle * middle) / 3
      second += (weight - share) * (middle * middle + middle * b + b * b) / 3
    }

    /// The law, normalised.
    func finished() -> PiecewiseUniform {
      let total = knots.last?.mass ?? 1
      let scaled = knots.map { Knot(place: $0.place, mass: $0.mass / total, mean: $0.mean / total) }
      return PiecewiseUniform(bounds: bounds, secondMoment: second / total, knots: scaled)
    }
  }
}

extension Array {
  /// The first index whose element fulfils a condition that, once true, stays true; `count` if none does.
  @inline(__always)
  func firstIndex(ofSorted condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
