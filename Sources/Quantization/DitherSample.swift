package import LaminaNumerics

/// Integers of a dithered quantizer on a part of a layer, from which its code is chosen.
///
/// Up to 16,384 coordinates of buckets spread evenly, up to 1024 of each: few enough to cost little beside the layer
/// itself, and enough to know a table of 32 numbers within a thousandth of a bit. Fewer would miss much where buckets
/// differ in scale. Buckets without symbols are passed over.
package struct DitherSample: Sendable {
  /// How many coordinates were looked at.
  package let count: Int
  /// The mean of |q|; integers beyond 4096 count as about that much.
  package let meanMagnitude: Double
  /// The least number of raw bits that is worth a look: with fewer, the mean of |h| is above six.
  package let leastRawBits: Int
  /// How often each number occurs with the least number of raw bits, escapes left out.
  private let counts: [Int]
  /// The integers that are escapes then, at most about 4096 in size.
  private let escaped: [Int]

  private static let bucketLimit = 1024
  package static let sampleLimit = 16 * bucketLimit

  /// Quantizes a sample of `values`.
  ///
  /// - Parameters:
  ///   - values: The coordinates of a layer.
  ///   - quantizer: The quantizer.
  ///   - sharedScale: As for `DitheredQuantizer.quantize(_:firstBucket:sharedScale:key:rawBits:into:)`.
  ///   - key: The key of the layer.
  ///   - tier: The kernels to use; all find the same integers.
  package init(
    of values: UnsafeBufferPointer<Float>, quantizer: DitheredQuantizer, sharedScale: Float?, key: RandomKey,
    tier: KernelTier = .active
  ) {
    self.init(
      integers: Self.integers(of: values, quantizer: quantizer, sharedScale: sharedScale, key: key, tier: tier),
      tier: tier)
  }

  /// A sample of integers that something else picked.
  ///
  /// - Parameters:
  ///   - integers: Numbers within ±4096.
  ///   - tier: The kernels to use; all count alike.
  package init(integers: [Int16], tier: KernelTier = .active) {
    let sum = integers.reduce(0) { $0 &+ Int($1.magnitude) }
    let mean = integers.isEmpty ? 0 : Double(sum) / Double(integers.count)
    var rawBits = 0
    while rawBits < DitheredBlock.mostRawBits, mean > Double(6 << rawBits) { rawBits += 1 }
    (counts, escaped) = Self.count(integers, rawBits: rawBits, tier: tier)
    count = integers.count
    meanMagnitude = mean
    leastRawBits = rawBits
  }

  /// How often each number occurs when `rawBits` bits are not coded, the escape first.
  ///
  /// - Parameter rawBits: At least ``leastRawBits``.
  /// - Returns: 32 counts.
  package func numberCounts(rawBits: Int) -> [Int] {
    var result = [Int](repeating: 0, count: DitheredBlock.numberCount)
    for number in 1..<DitheredBlock.numberCount {
      result[(number - 16) >> (rawBits - leastRawBits) + 16] += counts[number]
    }
    for integer in escaped { result[Self.number(ofHigh: integer >> rawBits)] += 1 }
    return result
  }

  /// The bits of the escapes of the sample: Elias gamma of |h| − 15, and a sign.
  ///
  /// - Parameter rawBits: At least ``leastRawBits``.
  /// - Returns: Bits.
  package func escapeBits(rawBits: Int) -> Int {
    escaped.reduce(0) { bits, integer in
      let excess = abs(integer >> rawBits) - 15
      return excess > 0 ? bits + 2 * (Int.bitWidth - excess.leadingZeroBitCount) : bits
    }
  }

  /// The least number of raw bits that leaves the highs room: 15 on each side hold laws with a mean of about four.
  package var suitableRawBits: Int {
    var rawBits = 0
    while rawBits < DitheredBlock.mostRawBits, meanMagnitude > Double(4 << rawBits) { rawBits += 1 }
    return rawBits
  }

  private static func number(ofHigh high: Int) -> Int {
    abs(high) < 16 ? high + 16 : Int(DitheredBlock.escapeNumber)
  }
}

extension DitherSample {
  /// The integers of the sample. With the most raw bits, number and low bits make an integer of 13 bits; an escape gives
  /// one between −4096 and −3841, which is an escape with fewer raw bits, too.
  private static func integers(
    of values: UnsafeBufferPointer<Float>, quantizer: DitheredQuantizer, sharedScale: Float?, key: RandomKey,
    tier: KernelTier
  ) -> [Int16] {
    let size = quantizer.bucketSize
    let bucketCount = (values.count + size - 1) / size
    let partCount = min(bucketCount, max(1, sampleLimit / min(size, bucketLimit)))
    var block = DitheredBlock()
    return [Int16](unsafeUninitializedCapacity: partCount * min(size, bucketLimit)) { integers, count in
      for part in 0..<partCount {
        for bucket in part * bucketCount / partCount..<(part + 1) * bucketCount / partCount {
          let end = min((bucket + 1) * size, values.count, bucket * size + bucketLimit)
          quantizer.quantize(
            UnsafeBufferPointer(rebasing: values[bucket * size..<end]), firstBucket: bucket, sharedScale: sharedScale,
            key: key, rawBits: DitheredBlock.mostRawBits, into: &block, tier: tier)
          guard block.numbers.isEmpty else { break }
        }
        let target = UnsafeMutableBufferPointer(rebasing: integers[count...])
        block.numbers.withUnsafeBufferPointer { numbers in
          block.lows.withUnsafeBufferPointer { lows in
            for i in numbers.indices { target[i] = (Int16(numbers[i]) &- 16) &<< 8 | Int16(lows[i]) }
          }
        }
        count += block.numbers.count
      }
    }
  }

  /// How often each number occurs, and the integers of the escapes.
  private static func count(
    _ integers: [Int16], rawBits: Int, tier: KernelTier
  ) -> (numbers: [Int], escaped: [Int]) {
    let shift = Int16(rawBits)
    let numbers = [UInt8](unsafeUninitializedCapacity: integers.count) { numbers, count in
      count = integers.count
      integers.withUnsafeBufferPointer { integers in
        for i in integers.indices {
          let high = integers[i] &>> shift
          numbers[i] = high > -16 && high < 16 ? UInt8(truncatingIfNeeded: high &+ 16) : DitheredBlock.escapeNumber
        }
      }
    }
    var counts = BucketKernels(tier).histogram(numbers)
    var escaped: [Int] = []
    numbers.withUnsafeBufferPointer { numbers in
      var place = numbers.firstZero(from: 0)
      while place < numbers.count {
        escaped.append(Int(integers[place]))
        place = numbers.firstZero(from: place + 1)
      }
    }
    counts[Int(DitheredBlock.escapeNumber)] = 0
    return (counts, escaped)
  }
}
