public import LaminaNumerics

/// The sum of vectors that several workers quantized with one common step: their integers add up, and decode once.
///
/// Σₖ v̂ₖ = Δ·Σₖ (qₖ + ½ − dₖ). Integers, and dithers of 17 bits, add without rounding, so that the order of workers does
/// not matter, and so that the integers alone can be forwarded: at K workers they take about ½·log₂K bits more than those
/// of one worker. Buckets that a worker had as zeros or sent exactly are not among its integers.
public struct DitheredSum: Sendable {
  /// Σ q, over the workers that rounded the bucket.
  public private(set) var integers: [Int32]
  /// The sum of the coordinates that travelled exactly, empty where there are none.
  public private(set) var exact: [Double] = []
  /// For each bucket the workers that rounded it, bit k for worker k.
  package private(set) var contributors: [UInt64]
  /// For each bucket whether a worker sent it exactly.
  package private(set) var isExact: [Bool]
  /// The keys that the workers drew their dither with, worker 0 first.
  public let keys: [RandomKey]
  package let quantizer: DitheredQuantizer
  /// The common scale, of no account where the step is agreed.
  package let scale: Float

  /// The most workers: as many as a word has bits.
  public static let mostWorkers = 64

  /// The sum of no vectors.
  ///
  /// - Parameters:
  ///   - quantizer: A quantizer whose step all workers share: agreed, or relative to a scale that they have in common.
  ///   - scale: That scale, of no account where the step is agreed.
  ///   - count: The coordinates of the layer.
  ///   - keys: The keys of the layer, one for each of 1 to ``mostWorkers`` workers.
  public init(quantizer: DitheredQuantizer, scale: Float = 1, count: Int, keys: [RandomKey]) {
    precondition((1...Self.mostWorkers).contains(keys.count), "1 to \(Self.mostWorkers) vectors are added up")
    if case .bucket? = quantizer.scope {
      preconditionFailure("Symbols add up only where all workers have one step")
    }
    self.quantizer = quantizer
    self.scale = scale
    self.keys = keys
    integers = [Int32](repeating: 0, count: count)
    let bucketCount = (count + quantizer.bucketSize - 1) / quantizer.bucketSize
    contributors = [UInt64](repeating: 0, count: bucketCount)
    isExact = [Bool](repeating: false, count: bucketCount)
  }

  /// The step, NaN or 0 where the common scale is not ordinary; no bucket has integers then.
  package var step: Float { quantizer.stepSize(scale: scale) }

  /// The coordinates of a bucket.
  package func range(of bucket: Int) -> Range<Int> {
    bucket * quantizer.bucketSize..<min((bucket + 1) * quantizer.bucketSize, integers.count)
  }

  /// Adds the symbols of one worker.
  ///
  /// - Parameters:
  ///   - symbols: The symbols of whole buckets of the layer.
  ///   - firstBucket: The number of their first bucket.
  ///   - worker: The worker, whose key made them; each bucket once.
  public mutating func add(_ symbols: DitheredBlock, firstBucket: Int = 0, worker: Int) {
    precondition(
      firstBucket + symbols.scales.count <= contributors.count, "The symbols belong to a layer of another size")
    var live = 0
    var exactValues = symbols.exact[...]
    for (offset, scale) in symbols.scales.enumerated() where scale != 0 {
      let bucket = firstBucket + offset
      let range = range(of: bucket)
      if scale.isNaN {
        if exact.isEmpty { exact = [Double](repeating: 0, count: integers.count) }
        for i in range { exact[i] += Double(exactValues.popFirst() ?? .nan) }
        isExact[bucket] = true
        continue
      }
      contributors[bucket] |= 1 << UInt64(worker)
      integers.withUnsafeMutableBufferPointer {
        symbols.add(live..<live + range.count, to: UnsafeMutableBufferPointer(rebasing: $0[range]))
      }
      live += range.count
    }
    addEscapes(of: symbols, firstBucket: firstBucket)
  }

  /// An escape was added as number 0; this adds the rest of it.
  private mutating func addEscapes(of symbols: DitheredBlock, firstBucket: Int) {
    guard !symbols.escapes.isEmpty else { return }
    var escapes = symbols.escapes[...]
    var start = 0
    symbols.numbers.withUnsafeBufferPointer { numbers in
      var place = numbers.firstZero(from: 0)
      for (offset, scale) in symbols.scales.enumerated() where LevelSymbols.isOrdinary(scale) {
        let range = range(of: firstBucket + offset)
        while place < start + range.count, let high = escapes.popFirst() {
          integers[range.lowerBound + place - start] &+= (high + DitherRounding.middle) << Int32(symbols.rawBits)
          place = numbers.firstZero(from: place + 1)
        }
        start += range.count
      }
    }
  }

  /// The sum of the decoded vectors, each in exact arithmetic, rounded to binary64 only where it needs more than 53 bits.
  ///
  /// - Returns: The coordinates.
  public func decoded() -> [Double] { contributors.indices.flatMap { decoded(bucket: $0) } }

  /// The coordinates of one bucket.
  package func decoded(bucket: Int) -> [Double] {
    let range = range(of: bucket)
    var sum = exact.isEmpty ? [Double](repeating: 0, count: range.count) : Array(exact[range])
    let workers = keys.indices.filter { contributors[bucket] >> UInt64($0) & 1 == 1 }
    guard !workers.isEmpty else { return sum }
    let streams = workers.map { RoundingStream(key: keys[$0].folding(UInt64(bucket))) }
    for i in sum.indices {
      let dithers = streams.reduce(0) { $0 + Int64($1.ditherNumerator(at: i)) }
      // In units of 2⁻¹⁷ steps: 2¹⁷q + 2¹⁶ − (2m + 1) for each worker.
      let units = Int64(integers[range.lowerBound + i]) << 17 + Int64(workers.count) << 16 - dithers
      sum[i] += Double(step) * (Double(units) * 0x1p-17)
    }
    return sum
  }
}

extension DitheredBlock {
  /// Adds the integers of live coordinates, an escape as number 0.
  fileprivate func add(_ live: Range<Int>, to sums: UnsafeMutableBufferPointer<Int32>) {
    numbers.withUnsafeBufferPointer { numbers in
      let numbers = UnsafeBufferPointer(rebasing: numbers[live])
      guard rawBits > 0 else {
        for i in sums.indices { sums[i] &+= Int32(numbers[i]) &- DitherRounding.middle }
        return
      }
      let shift = Int32(rawBits)
      lows.withUnsafeBufferPointer { lows in
        let lows = UnsafeBufferPointer(rebasing: lows[live])
        for i in sums.indices {
          sums[i] &+= (Int32(numbers[i]) &- DitherRounding.middle) &<< shift | Int32(lows[i])
        }
      }
    }
  }
}
