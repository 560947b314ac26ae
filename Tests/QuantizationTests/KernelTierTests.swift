import LaminaNumerics
import Quantization
import Testing

/// The kernels of every tier of this processor against their readable twins, bit for bit.
@Suite(.serialized) struct KernelTierTests {
  private let key = RandomKey(seed: 31)

  @Test("Every tier rounds and decodes as the twins do", arguments: KernelTier.supported)
  func twins(_ tier: KernelTier) {
    for zoo in LevelZoo.all + more {
      let prepared = PreparedLevels(zoo.levels, tier: tier)
      for size in sizeZoo {
        for vector in vectorZoo(count: size, key: key.folding(UInt64(size))) {
          let symbols = check(prepared, vector.values, "\(tier), \(zoo.name), \(size), \(vector.name)")
          checkDecoding(prepared, symbols, "\(tier), \(zoo.name), \(size), \(vector.name)")
        }
      }
    }
  }

  @Test("Every tier rounds as the twin does where draws and places all but meet", arguments: KernelTier.supported)
  func nearTies(_ tier: KernelTier) {
    for intervals in [1, 7, 15, 31, 127] {
      let levels = Levels.uniform(intervals: intervals)
      let prepared = PreparedLevels(levels, tier: tier)
      for trial in 0..<40 {
        // Each coordinate is its draw, moved by a few units, above some level: where rounding is decided.
        let stream = RoundingStream(key: key.folding(UInt64(trial)))
        let values = (0..<1000).map { i -> Float in
          let place = Double(i % intervals) + Double(stream.draw(at: i)) + Double(i % 9 - 4) * 0x1p-17
          return Float(place / Double(intervals)) * (i % 2 == 0 ? 1 : -1)
        }
        _ = check(prepared, values, "\(tier), \(intervals) intervals", stream: stream)
      }
    }
  }

  @Test("Every tier has the norms of the definition, in its order of sums", arguments: KernelTier.supported)
  func norms(_ tier: KernelTier) {
    for size in sizeZoo {
      for vector in vectorZoo(count: size, key: key.folding(UInt64(size))) {
        let name = "\(tier), \(size), \(vector.name)"
        let largest = vector.values.map { $0.bitPattern & 0x7FFF_FFFF }.max() ?? 0
        #expect(norm(.max, vector.values, tier).bitPattern == largest, "\(name)")
        let sum = laneSum(vector.values.map { Double($0.magnitude) })
        #expect(isSame(norm(.l1, vector.values, tier), Float(sum)), "\(name)")
        let squares = laneSum(vector.values.map { Double($0) * Double($0) })
        #expect(isSame(norm(.l2, vector.values, tier), Float(squares.squareRoot())), "\(name)")
      }
    }
  }

  /// Sequences of the sizes at which kernels change how they search, crowded ones among them.
  private var more: [LevelZoo] {
    var found: [LevelZoo] = []
    for count in [8, 9, 15, 16, 17, 31, 32, 33, 64] {
      found.append(LevelZoo(name: "\(count) powers", levels: .exponential(multiplier: 0.8, interiorCount: count - 2)))
      let crowded = (0..<count - 1).map { Float($0) * 0x1p-20 } + [1]
      found.append(LevelZoo(name: "\(count) crowded", levels: made(crowded)))
      let mirrored = Levels.exponential(multiplier: 0.8, interiorCount: count - 1).mirroredWithoutZero()
      found.append(LevelZoo(name: "\(2 * count) mirrored", levels: mirrored))
      let even = (0..<count).map { Float(-1 + 2 * Double($0) / Double(count - 1)) }
      found.append(LevelZoo(name: "\(count) even signed", levels: made(even)))
    }
    return found
  }

  private func check(
    _ prepared: PreparedLevels, _ values: [Float], _ name: String, stream: RoundingStream? = nil
  ) -> [UInt8] {
    let stream = stream ?? RoundingStream(key: key)
    // Infinities and NaN do not reach kernels with the norms of a quantizer, but they may with a given norm.
    let norm: Float = 1.7
    let twin = LevelRounding(levels: prepared.levels, norm: norm, stream: stream)
    let expected = values.indices.map { twin.symbol(of: values[$0], at: $0) }
    // One byte more shows what is written too far, and an odd start that no alignment is asked for.
    var symbols = [UInt8](repeating: 0xEE, count: values.count + 2)
    values.withUnsafeBufferPointer { values in
      symbols.withUnsafeMutableBufferPointer {
        prepared.round(
          values, norm: norm, stream: stream, into: UnsafeMutableBufferPointer(rebasing: $0[1..<values.count + 1]))
      }
    }
    #expect(symbols == [0xEE] + expected + [0xEE], "\(name)")
    return expected
  }

  private func checkDecoding(_ prepared: PreparedLevels, _ symbols: [UInt8], _ name: String) {
    let table = LevelTable(levels: prepared.levels)
    let norm: Float = 0.37
    let before = symbols.indices.map { Float($0) * 0.1 - 3 }
    var sums = before
    var fresh = before
    symbols.withUnsafeBufferPointer { symbols in
      sums.withUnsafeMutableBufferPointer { prepared.accumulate(symbols, norm: norm, into: $0) }
      fresh.withUnsafeMutableBufferPointer { prepared.decode(symbols, norm: norm, into: $0) }
    }
    let values = symbols.map { table.value(of: $0, norm: norm) }
    #expect(sums.map(\.bitPattern) == zip(before, values).map { ($0 + $1).bitPattern }, "\(name)")
    #expect(fresh.map(\.bitPattern) == values.map { (0 + $0).bitPattern }, "\(name)")
  }

  private func norm(_ norm: Norm, _ values: [Float], _ tier: KernelTier) -> Float {
    values.withUnsafeBufferPointer { norm.of($0, kernels: MagnitudeKernels(tier)) }
  }

  private func laneSum(_ terms: [Double]) -> Double {
    var lanes = [Double](repeating: 0, count: 16)
    for (i, term) in terms.enumerated() { lanes[i % 16] += term }
    for half in [8, 4, 2, 1] { for lane in 0..<half { lanes[lane] += lanes[lane + half] } }
    return lanes[0]
  }

  private func isSame(_ a: Float, _ b: Float) -> Bool { a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) }
}
