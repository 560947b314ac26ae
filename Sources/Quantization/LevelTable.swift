/// The decoded values of every symbol byte, in units of the norm.
struct LevelTable {
  private let values: [Float]

  init(levels: Levels) {
    var values = [Float](repeating: 0, count: 256)
    for (index, level) in levels.values.enumerated() {
      values[index] = level
      if !levels.areSigned { values[index | 0x80] = -level }
    }
    self.values = values
  }

  func accumulate(
    _ symbols: UnsafeBufferPointer<UInt8>, norm: Float, into sums: UnsafeMutableBufferPointer<Float>
  ) {
    values.withUnsafeBufferPointer { values in
      for i in 0..<sums.count {
        let value = norm * values[Int(symbols[i])]
        sums[i] += value
      }
    }
  }
}
