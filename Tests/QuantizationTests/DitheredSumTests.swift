import LaminaNumerics
import Quantization
import Testing

@Suite("The sum of dithered symbols")
struct DitheredSumTests {
  static let steps: [DitheredQuantizer.Step] = [.agreed(0.25), .agreed(0x1p-18), .relative(0.5, .vector)]

  /// Vectors with holes: of some workers a bucket is zero, of some not finite, of some beyond 2²² steps.
  private static func vectors(_ workers: Int, count: Int) -> [[Float]] {
    (0..<workers).map { worker in
      var stream = RandomStream(key: RandomKey(seed: 40 + UInt64(worker)))
      var vector = (0..<count).map { i in
        (Float(stream.nextUnit()) - 0.5) * (i % 97 == 3 ? 64 : 4)
      }
      if worker % 3 == 1 { for i in 1024..<2048 { vector[i] = 0 } }
      for i in 2048..<3072 { vector[i] = 0 }
      if worker % 5 == 1 { vector[3100] = worker % 2 == 0 ? .nan : -.infinity }
      return vector
    }
  }

  private static func sum(_ quantizer: DitheredQuantizer, _ vectors: [[Float]]) -> DitheredSum {
    let keys = vectors.indices.map { RandomKey(seed: 9).folding(UInt64($0)) }
    var sum = DitheredSum(quantizer: quantizer, scale: 1.5, count: vectors[0].count, keys: keys)
    for (worker, vector) in vectors.enumerated() {
      var block = DitheredBlock()
      vector.withUnsafeBufferPointer {
        _ = quantizer.quantize(
          $0, firstBucket: 0, sharedScale: quantizer.scope == nil ? nil : 1.5, key: keys[worker], rawBits: worker % 9,
          into: &block)
      }
      sum.add(block, worker: worker)
    }
    return sum
  }

  /// Adds what a sum stands for, one rounded operation after the other.
  private static func accumulate(_ sum: DitheredSum, buckets: Range<Int>, into sums: inout [Float]) {
    for bucket in buckets {
      let range = sum.range(of: bucket)
      let start = sum.range(of: buckets.lowerBound).lowerBound
      if sum.isExact[bucket] {
        for (i, value) in zip(range, sum.decoded(bucket: bucket)) {
          sums[i - start] += value.isNaN ? .nan : Float(value)
        }
        continue
      }
      var integers = Array(sum.integers[range])
      for worker in sum.keys.indices where sum.contributors[bucket] >> UInt64(worker) & 1 == 1 {
        let stream = RoundingStream(key: sum.keys[worker].folding(UInt64(bucket)))
        let rounding = DitherRounding(stream: stream, rawBits: 0)
        for (i, integer) in integers.enumerated() {
          sums[range.lowerBound - start + i] += rounding.value(of: integer, step: sum.step, at: i)
        }
        integers = [Int32](repeating: 0, count: integers.count)
      }
    }
  }

  @Test(
    "it adds in every tier what its definition adds, bit for bit, whatever its raw bits", arguments: [1, 2, 3, 17, 64])
  func twin(workers: Int) {
    for step in Self.steps {
      let quantizer = DitheredQuantizer(step: step)
      let sum = Self.sum(quantizer, Self.vectors(workers, count: 4500))
      for (buckets, rawBits) in [(0..<5, 0), (0..<5, 3), (1..<4, 8), (4..<5, 5), (2..<3, 1)] {
        let start = sum.range(of: buckets.lowerBound).lowerBound
        let count = sum.range(of: buckets.upperBound - 1).upperBound - start
        let before = (0..<count).map { Float($0 % 13) - 6 }
        var expected = before
        Self.accumulate(sum, buckets: buckets, into: &expected)
        var block = DitheredBlock()
        sum.read(buckets, rawBits: rawBits, into: &block)
        for tier in KernelTier.supported {
          var found = before
          found.withUnsafeMutableBufferPointer {
            quantizer.accumulate(
              block, contributors: Array(sum.contributors[buckets]), firstBucket: buckets.lowerBound, keys: sum.keys,
              into: $0, tier: tier)
          }
          #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(step), \(buckets), \(rawBits), \(tier)")
        }
      }
    }
  }

  @Test("the largest symbols that a frame can hold add up, for as many workers as there may be", arguments: 0...8)
  func largest(rawBits: Int) {
    let keys = (0..<DitheredSum.mostWorkers).map { RandomKey(seed: UInt64($0)) }
    var sum = DitheredSum(quantizer: DitheredQuantizer(step: .agreed(1)), count: 2, keys: keys)
    let high = DitheredBlock.largestHigh(rawBits: rawBits)
    let low = Int32(1) << Int32(rawBits) - 1
    for worker in keys.indices {
      var block = DitheredBlock()
      block.prepare(liveCount: 2, rawBits: rawBits)
      block.scales = [1]
      block.numbers = [DitheredBlock.escapeNumber, DitheredBlock.escapeNumber]
      block.escapes = [high, -high]
      if rawBits > 0 { block.lows = [UInt8(low), 0] }
      sum.add(block, worker: worker)
    }
    let largest = 64 * DitheredBlock.largestInteger
    #expect(sum.integers == [largest + 64 * low, -largest])
    var block = DitheredBlock()
    sum.read(0..<1, rawBits: rawBits, into: &block)
    #expect(
      block.escapes.map { $0.magnitude }
        == [(largest + 64 * low) >> Int32(rawBits), largest >> Int32(rawBits)].map { $0.magnitude })
    var sums: [Float] = [0, 0]
    sums.withUnsafeMutableBufferPointer {
      sum.quantizer.accumulate(block, contributors: [.max], firstBucket: 0, keys: keys, into: $0)
    }
    // 64 workers' ½ − d, and integers that binary32 rounds to multiples of 16 or 32.
    #expect(abs(Double(sums[0]) - Double(largest + 64 * low)) <= 32 + 64 + 64 * 16)
    #expect(abs(Double(sums[1]) + Double(largest)) <= 32 + 64 + 64 * 16)
  }

  @Test("infinities of both signs have the NaN of all machines")
  func oppositeInfinities() {
    let sum = Self.sum(DitheredQuantizer(step: .agreed(1)), [[.infinity, 1], [-.infinity, 2]])
    var block = DitheredBlock()
    sum.read(0..<1, rawBits: 0, into: &block)
    #expect(block.exact[0].bitPattern == 0x7FC0_0000 && block.exact[1] == 3)
  }
}
