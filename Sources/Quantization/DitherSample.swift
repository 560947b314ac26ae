package import LaminaNumerics

/// Integers of a dithered quantizer on a part of a layer, from which its code is chosen.
///
/// Up to 16,384 coordinates of buckets spread evenly, up to 1024 of each: few enough to cost little beside the layer
/// itself, and enough to know a table of 32 numbers within a thousandth of a bit. Buckets without symbols are passed over.
package struct DitherSample: Sendable {
  /// How often each |q| occurs, up to the last entry, which counts all from there on; signs apart.
  package private(set) var negative = [Int](repeating: 0, count: Self.range)
  package private(set) var positive = [Int](repeating: 0, count: Self.range)

  package static let range = 4096
  private static let coordinateLimit = 1024
  package static let sampleLimit = 16 * coordinateLimit

  /// How many coordinates were looked at.
  package var count: Int { negative.reduce(0, +) + positive.reduce(0, +) }

  /// Quantizes a sample of `values`.
  ///
  /// - Parameters:
  ///   - values: The coordinates of a layer.
  ///   - quantizer: The quantizer.
  ///   - sharedScale: As for `DitheredQuantizer.quantize(_:firstBucket:sharedScale:key:rawBits:into:)`.
  ///   - key: The key of the layer.
  package init(
    of values: UnsafeBufferPointer<Float>, quantizer: DitheredQuantizer, sharedScale: Float?, key: RandomKey
  ) {
    let size = quantizer.bucketSize
    let bucketCount = (values.count + size - 1) / size
    let partCount = min(bucketCount, max(1, Self.sampleLimit / min(size, Self.coordinateLimit)))
    var block = DitheredBlock()
    for part in 0..<partCount {
      for bucket in part * bucketCount / partCount..<(part + 1) * bucketCount / partCount {
        let end = min((bucket + 1) * size, values.count, bucket * size + Self.coordinateLimit)
        quantizer.quantize(
          UnsafeBufferPointer(rebasing: values[bucket * size..<end]), firstBucket: bucket, sharedScale: sharedScale,
          key: key, rawBits: DitheredBlock.mostRawBits, into: &block)
        guard block.numbers.isEmpty else { break }
      }
      observe(block)
    }
  }

  /// A sample of integers, each within ±4095.
  package init(integers: [Int16], tier: KernelTier = .active) {
    for integer in integers {
      if integer < 0 { negative[Int(-integer)] += 1 } else { positive[Int(integer)] += 1 }
    }
  }

  private mutating func observe(_ block: DitheredBlock) {
    for (number, low) in zip(block.numbers, block.lows) {
      guard number != DitheredBlock.escapeNumber else { continue }
      let integer = (Int(number) - 16) << DitheredBlock.mostRawBits | Int(low)
      if integer < 0 {
        negative[min(-integer, Self.range - 1)] += 1
      } else {
        positive[min(integer, Self.range - 1)] += 1
      }
    }
    // An escape here is beyond every number with fewer raw bits, too.
    for escape in block.escapes {
      if escape < 0 { negative[Self.range - 1] += 1 } else { positive[Self.range - 1] += 1 }
    }
  }

  /// How often each number occurs when `rawBits` bits are not coded, the escape first.
  package func numberCounts(rawBits: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: DitheredBlock.numberCount)
    for (magnitude, count) in negative.enumerated() where count > 0 {
      counts[Self.number(of: -magnitude, rawBits: rawBits)] += count
    }
    for (magnitude, count) in positive.enumerated() where count > 0 {
      counts[Self.number(of: magnitude, rawBits: rawBits)] += count
    }
    return counts
  }

  /// The mean of |q|.
  package var meanMagnitude: Double {
    var sum = 0.0
    for magnitude in 0..<Self.range { sum += Double(magnitude) * Double(negative[magnitude] + positive[magnitude]) }
    return count == 0 ? 0 : sum / Double(count)
  }

  /// The least number of raw bits that leaves the highs room: 15 on each side hold laws with a mean of about four.
  package var suitableRawBits: Int {
    var rawBits = 0
    while rawBits < DitheredBlock.mostRawBits, meanMagnitude > Double(4 << rawBits) { rawBits += 1 }
    return rawBits
  }

  private static func number(of integer: Int, rawBits: Int) -> Int {
    let high = integer >> rawBits
    return abs(high) < 16 && abs(integer) < range - 1 ? high + 16 : Int(DitheredBlock.escapeNumber)
  }
}
