import LaminaNumerics
import Quantization
import Testing

@Suite struct DitherSampleTests {
  @Test("A sample of a whole layer counts the numbers that the layer has, for every number of raw bits and every tier")
  func counts() {
    var stream = RandomStream(key: RandomKey(seed: 4))
    var values = (0..<5000).map { _ in Float(stream.nextNormal()) }
    // Coordinates that are escapes, a bucket of zeros, and one that travels exactly.
    for i in stride(from: 3, to: 5000, by: 97) { values[i] *= 9 }
    for i in 1024..<2048 { values[i] = 0 }
    values[3000] = .nan
    let key = RandomKey(seed: 5)
    for step in [4, 0.5, 0.1, 0.02, 0.004] as [Float] {
      let quantizer = DitheredQuantizer(step: .agreed(step))
      values.withUnsafeBufferPointer { values in
        let sample = DitherSample(of: values, quantizer: quantizer, sharedScale: nil, key: key, tier: .portable)
        var block = DitheredBlock()
        for rawBits in sample.leastRawBits...min(sample.leastRawBits + 2, DitheredBlock.mostRawBits) {
          quantizer.quantize(values, firstBucket: 0, sharedScale: nil, key: key, rawBits: rawBits, into: &block)
          var counts = [Int](repeating: 0, count: DitheredBlock.numberCount)
          for number in block.numbers { counts[Int(number)] += 1 }
          #expect(sample.count == block.numbers.count && sample.count == 5000 - 2 * 1024)
          #expect(sample.numberCounts(rawBits: rawBits) == counts, "\(step), \(rawBits) raw bits")
          let bits = block.escapes.reduce(0) { $0 + escapeBits(Int($1)) }
          // Very large ones count as 4096.
          #expect(sample.escapeBits(rawBits: rawBits) <= bits)
          if step >= 0.02 { #expect(sample.escapeBits(rawBits: rawBits) == bits) }
        }
        for tier in KernelTier.supported {
          let other = DitherSample(of: values, quantizer: quantizer, sharedScale: nil, key: key, tier: tier)
          let least = sample.leastRawBits
          #expect(other.leastRawBits == least && other.meanMagnitude == sample.meanMagnitude)
          #expect(other.numberCounts(rawBits: least) == sample.numberCounts(rawBits: least))
        }
      }
    }
  }

  /// The codeword of an escape: Elias gamma of |h| − 15, and a sign.
  private func escapeBits(_ high: Int) -> Int {
    let excess = abs(high) - 15
    return 2 * (Int.bitWidth - 1 - excess.leadingZeroBitCount) + 2
  }
}
