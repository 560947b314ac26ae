import LaminaNumerics
import Quantization
import Testing

/// The kernels against their readable twins, bit for bit.
@Suite struct KernelTwinTests {
  private let key = RandomKey(seed: 20).folding(3)

  @Test("Kernels round as LevelRounding does, for every size, scope and vector", arguments: LevelZoo.all)
  func everySize(_ zoo: LevelZoo) {
    for (norm, scope) in [
      (Norm.l2, NormScope.layer), (.max, .bucket(33)), (.max, .bucket(512)), (.lq(1.5), .bucket(7)),
    ] {
      let quantizer = LevelQuantizer(levels: zoo.levels, norm: norm, scope: scope)
      for size in sizeZoo {
        for vector in vectorZoo(count: size, key: key.folding(UInt64(size))) {
          check(quantizer, vector.values, "\(zoo.name), \(norm), \(scope), \(size), \(vector.name)")
        }
      }
    }
  }

  @Test("Kernels round as LevelRounding does, for 2 to 128 magnitudes and 2 to 256 signed levels")
  func everyCount() {
    var stream = RandomStream(key: key)
    for count in 2...256 {
      var candidates: [Levels] = []
      if count <= 128 {
        candidates.append(.uniform(intervals: count - 1))
        candidates.append(.exponential(multiplier: 0.75, interiorCount: count - 2))
      }
      let interior = Set((0..<count - 2).map { _ in Float(2 * stream.nextUnit() - 1) }).filter { abs($0) < 1 }
      candidates.append(made([-1] + interior.sorted() + [1]))
      for levels in candidates {
        // The levels themselves and their neighbours are where an interval is most easily missed.
        let values: [Float] = levels.values.flatMap { level -> [Float] in [level, level.nextUp, level.nextDown, -level]
        }
        check(LevelQuantizer(levels: levels, norm: .max, scope: .layer), values + [1, -1], "\(count) levels")
      }
    }
  }

  @Test("Decoding adds one rounded product of norm and level to the sum", arguments: LevelZoo.all)
  func accumulateTwin(_ zoo: LevelZoo) {
    let quantizer = LevelQuantizer(levels: zoo.levels, norm: .l2, scope: .bucket(65))
    for size in sizeZoo {
      for vector in vectorZoo(count: size, key: key.folding(UInt64(size))) {
        let symbols = quantizer.symbols(vector.values, key: key)
        var sum = (0..<size).map { Float($0) * 0.1 - 3 }
        let expected = twinSum(symbols, quantizer: quantizer, onto: sum)
        var span = sum.mutableSpan
        quantizer.accumulate(symbols, into: &span)
        #expect(sum.map(\.bitPattern) == expected.map(\.bitPattern), "\(size), \(vector.name)")
      }
    }
  }

  private func check(_ quantizer: LevelQuantizer, _ values: [Float], _ name: String) {
    let symbols = quantizer.symbols(values, key: key)
    let ranges = buckets(of: values.count, size: quantizer.scope == .layer ? values.count : bucketSize(quantizer))
    #expect(symbols.norms.count == ranges.count)
    var expected: [UInt8] = []
    var exact: [Float] = []
    for (bucket, range) in ranges.enumerated() {
      let norm = quantizer.norm.value(Array(values[range]))
      let isOrdinary = LevelSymbols.isOrdinary(norm)
      let sent = norm == 0 ? 0 : isOrdinary ? norm : LevelSymbols.exactMark
      #expect(symbols.norms[bucket].bitPattern == sent.bitPattern, "\(name)")
      if sent.isNaN { exact += values[range] }
      let twin = LevelRounding(
        levels: quantizer.levels, norm: norm, stream: RoundingStream(key: key.folding(UInt64(bucket))))
      expected += range.map { isOrdinary ? twin.symbol(of: values[$0], at: $0 - range.lowerBound) : 0 }
    }
    #expect(symbols.symbols == expected, "\(name)")
    #expect(symbols.exact.map(\.bitPattern) == exact.map(\.bitPattern), "\(name)")
  }

  private func twinSum(_ symbols: LevelSymbols, quantizer: LevelQuantizer, onto start: [Float]) -> [Float] {
    var sum = start
    var exact = symbols.exact.makeIterator()
    for (bucket, range) in buckets(of: sum.count, size: bucketSize(quantizer)).enumerated() {
      let norm = symbols.norms[bucket]
      for i in range where norm != 0 {
        guard !norm.isNaN else {
          sum[i] += exact.next() ?? 0
          continue
        }
        let symbol = symbols.symbols[i]
        let areSigned = quantizer.levels.areSigned
        let product = norm * quantizer.levels.values[Int(areSigned ? symbol : symbol & 0x7F)]
        sum[i] += !areSigned && symbol >= 0x80 ? -product : product
      }
    }
    return sum
  }

  private func bucketSize(_ quantizer: LevelQuantizer) -> Int {
    if case .bucket(let size) = quantizer.scope { size } else { .max >> 1 }
  }
}
