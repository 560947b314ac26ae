import LaminaNumerics

/// The arithmetic of stochastic rounding: the executable specification of every faster kernel.
///
/// All operations are single IEEE operations of binary32, none fused, in this order:
/// s = 1/N; a = min(|v|·s, 1), or v·s clamped to [−1, 1] for signed levels; j = the number of levels after the first
/// and before the last that are at most a; up when draw·(ℓⱼ₊₁ − ℓⱼ) < a − ℓⱼ.
struct LevelRounding {
  private let levels: [Float]
  private let gaps: [Float]
  private let areSigned: Bool

  init(levels: Levels) {
    self.levels = levels.values
    areSigned = levels.areSigned
    gaps = zip(levels.values.dropFirst(), levels.values).map { $0 - $1 }
  }

  private static let blockSize = 512

  /// Rounds the coordinates of one bucket with an ordinary norm.
  func round(
    _ values: UnsafeBufferPointer<Float>, norm: Float, stream: RoundingStream,
    into symbols: UnsafeMutableBufferPointer<UInt8>
  ) {
    let scale = 1 / norm
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * Self.blockSize) { floats in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.blockSize) { bins in
        let units = UnsafeMutableBufferPointer(rebasing: floats[..<Self.blockSize])
        let draws = UnsafeMutableBufferPointer(rebasing: floats[Self.blockSize...])
        for start in stride(from: 0, to: values.count, by: Self.blockSize) {
          let count = min(Self.blockSize, values.count - start)
          let block = UnsafeBufferPointer(rebasing: values[start..<start + count])
          normalise(block, scale: scale, into: units)
          draw(from: stream, start: start, count: count, into: draws)
          locate(units, count: count, into: bins)
          let out = UnsafeMutableBufferPointer(rebasing: symbols[start..<start + count])
          choose(units: units, draws: draws, bins: bins, into: out)
          if !areSigned { addSigns(of: block, to: out) }
        }
      }
    }
  }

  private func normalise(
    _ values: UnsafeBufferPointer<Float>, scale: Float, into units: UnsafeMutableBufferPointer<Float>
  ) {
    if areSigned {
      for i in 0..<values.count {
        let unit = values[i] * scale
        units[i] = unit < -1 ? -1 : (unit < 1 ? unit : 1)
      }
    } else {
      for i in 0..<values.count {
        let unit = values[i].magnitude * scale
        units[i] = unit < 1 ? unit : 1
      }
    }
  }

  private func draw(
    from stream: RoundingStream, start: Int, count: Int, into draws: UnsafeMutableBufferPointer<Float>
  ) {
    for block in stride(from: 0, to: count, by: 32) {
      let firstWord = UInt32(truncatingIfNeeded: (start + block) / 2)
      for lane in 0..<16 {
        let word = stream.word(at: firstWord &+ UInt32(truncatingIfNeeded: lane))
        draws[block + lane] = Float(Int32(bitPattern: (word >> 16) << 8 | stream.lowByte)) * 0x1p-24
        draws[block + lane + 16] = Float(Int32(bitPattern: (word & 0xFFFF) << 8 | stream.lowByte)) * 0x1p-24
      }
    }
  }

  /// Counts, a level at a time, which suits vector units and short sequences; halves intervals for long ones.
  private func locate(
    _ units: UnsafeMutableBufferPointer<Float>, count: Int, into bins: UnsafeMutableBufferPointer<Int32>
  ) {
    if levels.count > 34 {
      for i in 0..<count { bins[i] = Int32(bin(of: units[i])) }
      return
    }
    for i in 0..<count { bins[i] = 0 }
    for level in levels[1..<levels.count - 1] {
      for i in 0..<count { bins[i] &+= units[i] >= level ? 1 : 0 }
    }
  }

  private func bin(of unit: Float) -> Int {
    var low = 0
    var high = levels.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if unit >= levels[middle] { low = middle } else { high = middle }
    }
    return low
  }

  private func choose(
    units: UnsafeMutableBufferPointer<Float>, draws: UnsafeMutableBufferPointer<Float>,
    bins: UnsafeMutableBufferPointer<Int32>, into symbols: UnsafeMutableBufferPointer<UInt8>
  ) {
    levels.withUnsafeBufferPointer { levels in
      gaps.withUnsafeBufferPointer { gaps in
        for i in 0..<symbols.count {
          let bin = Int(bins[i])
          let isUp = draws[i] * gaps[bin] < units[i] - levels[bin]
          symbols[i] = UInt8(truncatingIfNeeded: bin &+ (isUp ? 1 : 0))
        }
      }
    }
  }

  /// Level 0 is sent without a sign, so that a vector has one encoding.
  private func addSigns(of values: UnsafeBufferPointer<Float>, to symbols: UnsafeMutableBufferPointer<UInt8>) {
    for i in 0..<symbols.count {
      let sign = UInt8(truncatingIfNeeded: values[i].bitPattern >> 24) & 0x80
      symbols[i] |= symbols[i] == 0 ? 0 : sign
    }
  }
}
