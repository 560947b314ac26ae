import VariationalInequalities

/// An exponential average of the generator's parameters over the lookahead points, the network that is evaluated.
///
/// The weights of the steps so far sum to 1 from the first step on, so the initial parameters never enter.
struct GeneratorAverage {
  private(set) var point: Point
  private let range: Range<Int>
  private let decay: Double

  init(point: Point, range: Range<Int>, decay: Double) {
    self.point = point
    self.range = range
    self.decay = decay
  }

  /// Adds the lookahead point of a step, counted from 1.
  mutating func add(_ lookahead: Point, step: Int) {
    var remaining = 1.0
    var power = decay
    var exponent = step
    while exponent > 0 {
      if exponent & 1 == 1 { remaining *= power }
      power *= power
      exponent >>= 1
    }
    let rate = (1 - decay) / (1 - remaining)
    point.withUnsafeMutableBufferPointer { point in
      lookahead.withUnsafeBufferPointer { lookahead in
        for i in range { point[i] += rate * (lookahead[i] - point[i]) }
      }
    }
  }
}
