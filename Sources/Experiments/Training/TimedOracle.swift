import LaminaNumerics
import VariationalInequalities

/// An oracle that counts the seconds spent in it.
struct TimedOracle<Base: Oracle>: Oracle {
  var base: Base
  private(set) var seconds = 0.0

  init(_ base: Base) { self.base = base }

  mutating func sample(at x: Point, key: RandomKey) -> DualVector {
    let start = ContinuousClock.now
    defer { seconds += start.duration(to: .now).inSeconds }
    return base.sample(at: x, key: key)
  }

  func project(_ x: inout Point) { base.project(&x) }
}

extension Duration {
  /// This duration as a number of seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
