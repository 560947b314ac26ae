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
    let correction =
      (1 - Double.pow(rule.secondDecay, Double(count))).squareRoot() / (1 - Double.pow(rule.firstDecay, Double(count)))
    let keep = (first: rule.firstDecay, second: rule.secondDecay)
    let take = (first: 1 - rule.firstDecay, second: 1 - rule.secondDecay)
    let epsilon = rule.epsilon
    first.withUnsafeMutableBufferPointer { m in
      second.withUnsafeMutableBufferPointer { v in
        move.withUnsafeMutableBufferPointer { move in
          gradient.withUnsafeBufferPointer { gradient in
            rule.learningRates.forEach(dimension: m.count) { range, rate in
              let size = rate * correction
              for i in range {
                let g = Double(gradient[i])
                m[i] = keep.first * m[i] + take.first * g
                v[i] = keep.second * v[i] + take.second * (g * g)
                move[i] = size * m[i] / (v[i].squareRoot() + epsilon)
              }
            }
          }
        }
      }
    }
  }
}
