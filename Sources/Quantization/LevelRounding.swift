import LaminaNumerics

/// Stochastic rounding, a coordinate at a time: the executable specification of the kernels.
///
/// All operations are single IEEE operations of binary32, none fused, in this order:
/// s = 1/N; u = |v|·s where that is below 1, else (NaN too) 1; for signed levels v·s where that is below 1, else 1, and
/// at least −1; ℓⱼ the last level but one that is at most u, or the first; up when draw·(ℓⱼ₊₁ − ℓⱼ) < u − ℓⱼ.
///
/// A kernel may count instead of searching: the symbol is the number of intervals j with draw·(ℓⱼ₊₁ − ℓⱼ) < u − ℓⱼ,
/// because a draw is at most 1 − 2⁻²⁴ and so draw·(ℓⱼ₊₁ − ℓⱼ) rounds to less than ℓⱼ₊₁ − ℓⱼ.
package struct LevelRounding {
  private let levels: Levels
  private let scale: Float
  private let stream: RoundingStream

  /// Rounds to `levels` the coordinates of a bucket with an ordinary norm.
  package init(levels: Levels, norm: Float, stream: RoundingStream) {
    self.levels = levels
    scale = 1 / norm
    self.stream = stream
  }

  /// The symbol of the coordinate at `index` of the bucket.
  package func symbol(of value: Float, at index: Int) -> UInt8 {
    let scaled = (levels.areSigned ? value : value.magnitude) * scale
    let unit = max(scaled < 1 ? scaled : 1, -1)
    var bin = 0
    while bin + 2 < levels.count, levels.values[bin + 1] <= unit { bin += 1 }
    let threshold = stream.draw(at: index) * (levels.values[bin + 1] - levels.values[bin])
    let rounded = unit - levels.values[bin] > threshold ? bin + 1 : bin
    // Level 0 is sent without a sign, so that a vector has one encoding.
    let isNegative = !levels.areSigned && rounded > 0 && value.sign == .minus
    return UInt8(rounded) | (isNegative ? 0x80 : 0)
  }
}
