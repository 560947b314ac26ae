import LaminaNumerics
import VariationalInequalities

/// An oracle that counts the seconds spent in it, and keeps its last answer.
struct TimedOracle<Base: Oracle>: Oracle {
  var base: Base
  private(set) var seconds = 0.0
  /// The dual vector of the last call, before anything is done to it.
  private(set) var last: DualVector = []

  init(_ base: Base) { self.base = base }

  mutating func sample(at x: Point, key: RandomKey) -> DualVector {
    let start = ContinuousClock.now
    defer { seconds += start.duration(to: .now).inSeconds }
    last = base.sample(at: x, key: key)
    return last
  }

  func project(_ x: inout Point) { base.project(&x) }
}

extension Duration {
  /// This duration as a number of seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
