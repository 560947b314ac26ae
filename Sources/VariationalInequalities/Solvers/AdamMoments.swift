import RealModule

/// The running moments of Adam.
///
/// mₙ = β₁ mₙ₋₁ + (1 − β₁) g and vₙ = β₂ vₙ₋₁ + (1 − β₂) g², and the move r √(1 − β₂ⁿ)/(1 − β₁ⁿ) · mₙ/(√vₙ + ε) for
/// learning rate r, as in the public code of Q-GenX.
public struct AdamMoments: Sendable, Codable {
  /// n, the number of gradients seen.
  public private(set) var count: UInt64 = 0

  /// mₙ.
  public private(set) var first: [Double]

  /// vₙ.
  public private(set) var second: [Double]

  init(dimension: Int) {
    first = [Double](repeating: 0, count: dimension)
    second = first
  }

  /// Adds `gradient` to the moments and writes the move that the rule makes, to be subtracted, to `move`.
  mutating func update(with gradient: DualVector, rule: AdamRule, move: inout Point) {
    precondition(gradient.count == first.count && move.count == first.count, "Moments and gradient differ in dimension")
    count += 1
    let n = Double(count)
    let correction = (1 - Double.pow(rule.secondDecay, n)).squareRoot() / (1 - Double.pow(rule.firstDecay, n))
    first.withUnsafeMutableBufferPointer { m in
      second.withUnsafeMutableBufferPointer { v in
        move.withUnsafeMutableBufferPointer { move in
          gradient.withUnsafeBufferPointer { gradient in
            rule.learningRates.forEach(dimension: m.count) { range, rate in
              Self.update(
                UnsafeMutableBufferPointer(rebasing: m[range]), UnsafeMutableBufferPointer(rebasing: v[range]),
                move: UnsafeMutableBufferPointer(rebasing: move[range]),
                with: UnsafeBufferPointer(rebasing: gradient[range]), rule: rule, size: rate * correction)
            }
          }
        }
      }
    }
  }

  /// One group of coordinates with one step size; the root and the quotient take nearly all of its time.
  private static func update(
    _ m: UnsafeMutableBufferPointer<Double>, _ v: UnsafeMutableBufferPointer<Double>,
    move: UnsafeMutableBufferPointer<Double>, with gradient: UnsafeBufferPointer<Float>, rule: AdamRule, size: Double
  ) {
    let (keepFirst, takeFirst) = (rule.firstDecay, 1 - rule.firstDecay)
    let (keepSecond, takeSecond) = (rule.secondDecay, 1 - rule.secondDecay)
    let epsilon = rule.epsilon
    for i in 0..<m.count {
      let g = Double(gradient[i])
      let mean = keepFirst * m[i] + takeFirst * g
      let meanSquare = keepSecond * v[i] + takeSecond * (g * g)
      m[i] = mean
      v[i] = meanSquare
      move[i] = size * mean / (meanSquare.squareRoot() + epsilon)
    }
  }
}
