/// The decoded values of every symbol byte, in units of the norm.
struct LevelTable {
  let values: [Float]

  init(levels: Levels) {
    var values = [Float](repeating: 0, count: 256)
    for (index, level) in levels.values.enumerated() {
      values[index] = level
      if !levels.areSigned { values[index | 0x80] = -level }
    }
    self.values = values
  }
}
