import RealModule

/// The step at which a rate falls to what may be spent.
///
/// A rate is nearly linear in the logarithm of the step, so that interpolation finds a step in about ten evaluations;
/// halving every third time ends the search after at most about a hundred for every other rate.
struct StepSearch {
  /// The finest step that is worth taking.
  let least: Double

  /// Steps are found to this part of an octave.
  private static let precision = 0x1p-30

  /// A step, to 2⁻³⁰ of itself, from ``least`` on, at which `rate` falls to `bits`; it is within `bits` there.
  ///
  /// - Parameters:
  ///   - bits: What may be spent, positive.
  ///   - guess: Where to begin, in the same unit as the rates' steps.
  ///   - rate: Bits per coordinate at a step, falling to 0 for large ones.
  /// - Returns: The step; ``least`` where even that is within `bits`.
  func step(of bits: Double, near guess: Double, rate: (Double) -> Double) -> Double {
    let bottom = Double.log2(least)
    let excess = { (octave: Double) in rate(octave > bottom ? Double.exp2(octave) : least) - bits }
    guard let (low, high) = bracket(from: bottom, near: Double.log2(guess), excess) else { return least }
    return Double.exp2(narrowed(low, high, excess))
  }

  private struct Point {
    var octave: Double
    var excess: Double
  }

  /// Two points between which the excess falls to 0; nil where the least step has none.
  private func bracket(
    from bottom: Double, near guess: Double, _ excess: (Double) -> Double
  ) -> (low: Point, high: Point)? {
    var octave = guess > bottom && guess < 1000 ? guess : bottom
    var point = Point(octave: octave, excess: excess(octave))
    var low: Point?
    var high: Point?
    while true {
      if point.excess > 0 { low = point } else { high = point }
      if let low, let high { return (low, high) }
      // A bit is at most an octave wide where the rate is high, and more where it is low.
      if point.excess > 0 {
        octave += max(0.25, 1.25 * point.excess)
        if octave > 1000 { return (point, Point(octave: 1000, excess: 0)) }
      } else {
        guard octave > bottom else { return nil }
        octave = max(bottom, octave - max(0.25, -1.25 * point.excess))
      }
      point = Point(octave: octave, excess: excess(octave))
    }
  }

  /// The upper end of a bracket that is narrow enough: the rule of false position, after the Illinois form.
  private func narrowed(_ first: Point, _ last: Point, _ excess: (Double) -> Double) -> Double {
    var (low, high) = (first, last)
    var round = 0
    while high.octave - low.octave > Self.precision {
      round += 1
      let width = high.octave - low.octave
      var octave = low.octave + width / 2
      if round % 3 > 0, low.excess > high.excess {
        // Near an end, beyond the end: so that the bracket closes from both sides.
        octave = low.octave + width * (low.excess / (low.excess - high.excess))
        octave = min(max(octave, low.octave + Self.precision / 2), high.octave - Self.precision / 2)
      }
      guard octave > low.octave, octave < high.octave else { break }
      let point = Point(octave: octave, excess: excess(octave))
      if point.excess > 0 {
        low = point
        high.excess /= 2
      } else {
        high = point
        low.excess /= 2
      }
    }
    return high.octave
  }
}
