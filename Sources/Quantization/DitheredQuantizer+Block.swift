package import LaminaNumerics

extension DitheredQuantizer {
  /// Quantizes a run of whole buckets.
  ///
  /// - Parameters:
  ///   - values: Coordinates of one layer, from the beginning of a bucket; only the layer's last bucket is shorter.
  ///   - firstBucket: The number of their first bucket in the layer.
  ///   - sharedScale: The scale of all of them; nil where buckets have their own, or the step is agreed.
  ///   - key: The key of the layer; bucket b uses `key.folding(b)`.
  ///   - rawBits: r, how many low bits are not coded.
  ///   - block: Receives the symbols, in the place of its contents.
  ///   - decoded: Receives what the symbols stand for, bucket by bucket; nil where nobody wants it.
  ///   - tier: The kernels to use; all make the same symbols.
  /// - Returns: What `decoded` says of `values`.
  @discardableResult
  package func quantize(
    _ values: UnsafeBufferPointer<Float>, firstBucket: Int, sharedScale: Float?, key: RandomKey, rawBits: Int,
    into block: inout DitheredBlock, decoded: DecodedLayer? = nil, tier: KernelTier = .active
  ) -> VectorTally {
    block.prepare(liveCount: values.count, rawBits: rawBits)
    block.scales.removeAll(keepingCapacity: true)
    block.exact.removeAll(keepingCapacity: true)
    let kernels = BucketKernels(tier)
    var tally = VectorTally()
    var (live, tallied) = (0, 0)
    block.withBytes { numbers, lows, block in
      for (index, start) in stride(from: 0, to: values.count, by: bucketSize).enumerated() {
        let range = start..<min(start + bucketSize, values.count)
        let bucket = UnsafeBufferPointer(rebasing: values[range])
        let symbols = BucketSymbols(
          stream: RoundingStream(key: key.folding(UInt64(firstBucket + index))), rawBits: rawBits,
          numbers: UnsafeMutableBufferPointer(rebasing: numbers[live..<live + bucket.count]),
          lows: rawBits > 0 ? lows.baseAddress?.advanced(by: live) : nil)
        let escapeCount = block.escapes.count
        let scale = round(
          bucket, scale: scale(of: bucket, shared: sharedScale, kernels: kernels), kernels: kernels, to: symbols,
          escapes: &block.escapes)
        block.scales.append(scale)
        if scale.isNaN { block.exact.append(contentsOf: bucket) }
        live += LevelSymbols.isOrdinary(scale) ? bucket.count : 0
        guard let decoded else { continue }
        let target = UnsafeMutableBufferPointer(rebasing: decoded.values[range])
        decode(symbols, scale: scale, exact: bucket, kernels: kernels, into: target)
        if block.escapes.count > escapeCount {
          symbols.add(block.escapes[escapeCount...], step: stepSize(scale: scale), to: target)
        }
        if range.upperBound - tallied >= Self.tallySize || range.upperBound == values.count {
          let part = tallied..<range.upperBound
          tally.add(decoded[part], wanted: UnsafeBufferPointer(rebasing: values[part]), kernels: kernels)
          tallied = range.upperBound
        }
      }
    }
    block.resize(liveCount: live)
    return tally
  }

  /// The coordinates that small buckets are tallied together by.
  private static let tallySize = 1024

  /// The scale of a bucket before it is rounded; rounding tells which of the buckets with a shared scale are zeros.
  @inline(__always)
  private func scale(of bucket: UnsafeBufferPointer<Float>, shared: Float?, kernels: BucketKernels) -> Float {
    if case .relative(_, .bucket) = step {
      return RootMeanSquare.scale(squares: kernels.squareSum(of: bucket), count: bucket.count)
    }
    // A shared scale leaves out the buckets that are not finite, and can be zero beside one of these.
    guard shared == 0 else { return shared ?? 1 }
    return kernels.largest(of: bucket) == 0 ? 0 : LevelSymbols.exactMark
  }

  /// Rounds a bucket.
  ///
  /// - Returns: The scale: 0 where all is 0, or the mark where the bucket cannot be rounded.
  @inline(__always)
  private func round(
    _ bucket: UnsafeBufferPointer<Float>, scale: Float, kernels: BucketKernels, to symbols: BucketSymbols,
    escapes: inout [Int32]
  ) -> Float {
    guard LevelSymbols.isOrdinary(scale) else {
      return scale == 0 || kernels.largest(of: bucket) == 0 ? 0 : LevelSymbols.exactMark
    }
    let reciprocal = 1 / stepSize(scale: scale)
    let outcome = kernels.dither(
      bucket, reciprocal: reciprocal, stream: symbols.stream, rawBits: symbols.rawBits,
      numbers: symbols.numbers.baseAddress, lows: symbols.lows)
    if outcome.largest == 0 { return 0 }
    // A NaN is above every number in the order of bit patterns.
    let largest = Float(bitPattern: outcome.largest) * reciprocal
    guard largest < Float(DitheredBlock.largestInteger) else { return LevelSymbols.exactMark }
    if outcome.escapes > 0 {
      let rounding = DitherRounding(stream: symbols.stream, rawBits: symbols.rawBits)
      let numbers = UnsafeBufferPointer(symbols.numbers)
      var place = numbers.firstZero(from: 0)
      while place < numbers.count {
        let integer = rounding.integer(of: bucket[place], reciprocal: reciprocal, at: place)
        escapes.append(integer >> Int32(symbols.rawBits))
        place = numbers.firstZero(from: place + 1)
      }
    }
    return scale
  }

  /// Writes what the symbols of one bucket stand for, but for its escapes.
  @inline(__always)
  private func decode(
    _ symbols: BucketSymbols, scale: Float, exact: UnsafeBufferPointer<Float>, kernels: BucketKernels,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    target.update(repeating: 0)
    if scale == 0 { return }
    if scale.isNaN {
      for i in target.indices { target[i] += exact[i] }
      return
    }
    kernels.undither(
      symbols.numbers.baseAddress, lows: symbols.lows, rawBits: symbols.rawBits, step: stepSize(scale: scale),
      stream: symbols.stream, into: target)
  }

  /// Adds the coordinates that a block stands for to `sums`.
  ///
  /// - Parameters:
  ///   - block: A block whose counts fit each other and `sums`.
  ///   - firstBucket: As for ``quantize(_:firstBucket:sharedScale:key:rawBits:into:tier:)``.
  ///   - key: The key of the layer.
  ///   - sums: The running sums of the block's coordinates.
  ///   - tier: The kernels to use; all add the same numbers.
  package func accumulate(
    _ block: DitheredBlock, firstBucket: Int, key: RandomKey, into sums: UnsafeMutableBufferPointer<Float>,
    tier: KernelTier = .active
  ) {
    let kernels = BucketKernels(tier)
    var live = 0
    var exact = block.exact[...]
    block.numbers.withUnsafeBufferPointer { numbers in
      block.lows.withUnsafeBufferPointer { lows in
        var escapes = EscapeCursor(block, numbers: numbers, lows: lows)
        for (bucket, scale) in block.scales.enumerated() {
          let range = bucket * bucketSize..<min((bucket + 1) * bucketSize, sums.count)
          let target = UnsafeMutableBufferPointer(rebasing: sums[range])
          if scale == 0 { continue }
          if scale.isNaN {
            for i in target.indices { target[i] += exact.popFirst() ?? .nan }
            continue
          }
          let stream = RoundingStream(key: key.folding(UInt64(firstBucket + bucket)))
          let step = stepSize(scale: scale)
          kernels.undither(
            numbers.baseAddress?.advanced(by: live),
            lows: block.rawBits > 0 ? lows.baseAddress?.advanced(by: live) : nil, rawBits: block.rawBits, step: step,
            stream: stream, into: target)
          let end = live + range.count
          if escapes.place < end { escapes.add(before: end, from: live, step: step, stream: stream, to: target) }
          live = end
        }
      }
    }
  }
}

/// The symbols of one bucket.
private struct BucketSymbols {
  let stream: RoundingStream
  let rawBits: Int
  let numbers: UnsafeMutableBufferPointer<UInt8>
  /// As many low bits; nil where all are coded.
  let lows: UnsafeMutablePointer<UInt8>?

  /// Adds the coordinates that escaped.
  func add(_ escapes: ArraySlice<Int32>, step: Float, to target: UnsafeMutableBufferPointer<Float>) {
    let rounding = DitherRounding(stream: stream, rawBits: rawBits)
    let numbers = UnsafeBufferPointer(numbers)
    var place = numbers.firstZero(from: 0)
    for high in escapes {
      let integer = high << Int32(rawBits) | Int32(lows?[place] ?? 0)
      target[place] += rounding.value(of: integer, step: step, at: place)
      place = numbers.firstZero(from: place + 1)
    }
  }
}

/// Walks over the escapes of a block in order.
struct EscapeCursor {
  /// The live coordinate of the next escape, or the number of live coordinates.
  private(set) var place: Int
  private var rest: ArraySlice<Int32>
  private let numbers: UnsafeBufferPointer<UInt8>
  private let lows: UnsafeBufferPointer<UInt8>
  private let rawBits: Int

  init(_ block: DitheredBlock, numbers: UnsafeBufferPointer<UInt8>, lows: UnsafeBufferPointer<UInt8>) {
    self.numbers = numbers
    self.lows = lows
    rest = block.escapes[...]
    rawBits = block.rawBits
    place = rest.isEmpty ? numbers.count : numbers.firstZero(from: 0)
  }

  /// Adds the escaped coordinates of the bucket of live coordinates `start`..<`end`.
  mutating func add(
    before end: Int, from start: Int, step: Float, stream: RoundingStream, to sums: UnsafeMutableBufferPointer<Float>
  ) {
    let rounding = DitherRounding(stream: stream, rawBits: rawBits)
    while place < end, let high = rest.popFirst() {
      let integer = high << Int32(rawBits) | (rawBits > 0 ? Int32(lows[place]) : 0)
      sums[place - start] += rounding.value(of: integer, step: step, at: place - start)
      place = numbers.firstZero(from: place + 1)
    }
  }
}
