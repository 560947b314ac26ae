/// Decoding, a symbol at a time: the executable specification of the kernels.
///
/// A coordinate is one rounded product, the norm times the level; the sign is applied to the level.
package struct LevelTable {
  /// The value of every symbol byte in units of the norm, 0 for bytes that are no symbol.
  package let values: [Float]

  /// The values of the symbols of `levels`.
  package init(levels: Levels) {
    var values = [Float](repeating: 0, count: 256)
    for (index, level) in levels.values.enumerated() {
      values[index] = level
      if !levels.areSigned { values[index | 0x80] = -level }
    }
    self.values = values
  }

  /// What `symbol` stands for in a bucket with this norm.
  package func value(of symbol: UInt8, norm: Float) -> Float { norm * values[Int(symbol)] }
}
