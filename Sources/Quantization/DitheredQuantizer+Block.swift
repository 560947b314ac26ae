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
  package func quantize(
    _ values: UnsafeBufferPointer<Float>, firstBucket: Int, sharedScale: Float?, key: RandomKey, rawBits: Int,
    into block: inout DitheredBlock
  ) {
    block.prepare(liveCount: values.count, rawBits: rawBits)
    block.scales.removeAll(keepingCapacity: true)
    block.exact.removeAll(keepingCapacity: true)
    var live = 0
    for start in stride(from: 0, to: values.count, by: bucketSize) {
      let bucket = UnsafeBufferPointer(rebasing: values[start..<min(start + bucketSize, values.count)])
      let stream = RoundingStream(key: key.folding(UInt64(firstBucket + block.scales.count)))
      let scale = round(
        bucket, scale: scale(of: bucket, shared: sharedScale), stream: stream, live: live, into: &block)
      block.scales.append(scale)
      if scale.isNaN { block.exact.append(contentsOf: bucket) }
      live += LevelSymbols.isOrdinary(scale) ? bucket.count : 0
    }
    block.numbers.resize(to: live)
    block.lows.resize(to: rawBits > 0 ? live : 0)
  }

  /// The scale of a bucket before it is rounded; zeros are recognised here and need no kernel.
  private func scale(of bucket: UnsafeBufferPointer<Float>, shared: Float?) -> Float {
    if case .relative(_, .bucket) = step { return RootMeanSquare.scale(ofBucket: bucket) }
    if Norm.max.of(bucket) == 0 { return 0 }
    // A shared scale leaves out the buckets that are not finite, and can be zero beside one of these.
    return shared == 0 ? LevelSymbols.exactMark : shared ?? 1
  }

  /// Rounds a bucket, its numbers from place `live` on.
  ///
  /// - Returns: The scale, or the mark where the bucket cannot be rounded.
  private func round(
    _ bucket: UnsafeBufferPointer<Float>, scale: Float, stream: RoundingStream, live: Int,
    into block: inout DitheredBlock
  ) -> Float {
    guard LevelSymbols.isOrdinary(scale) else { return scale == 0 ? 0 : LevelSymbols.exactMark }
    let reciprocal = 1 / stepSize(scale: scale)
    let rawBits = block.rawBits
    let outcome = block.numbers.withUnsafeMutableBufferPointer { numbers in
      block.lows.withUnsafeMutableBufferPointer { lows in
        DitherKernels.dither(
          bucket, reciprocal: reciprocal, stream: stream, rawBits: rawBits,
          numbers: UnsafeMutableBufferPointer(rebasing: numbers[live..<live + bucket.count]),
          lows: UnsafeMutableBufferPointer(rebasing: lows[rawBits > 0 ? live..<live + bucket.count : 0..<0]))
      }
    }
    // A NaN is above every number in the order of bit patterns.
    let largest = Float(bitPattern: outcome.largest) * reciprocal
    guard largest < Float(DitheredBlock.largestInteger) else { return LevelSymbols.exactMark }
    if outcome.escapes > 0 {
      let rounding = DitherRounding(stream: stream, rawBits: rawBits)
      for i in 0..<bucket.count where block.numbers[live + i] == DitheredBlock.escapeNumber {
        let integer = rounding.integer(of: bucket[i], reciprocal: reciprocal, at: i)
        block.escapes.append(integer >> Int32(rawBits))
      }
    }
    return scale
  }

  /// Adds the coordinates that a block stands for to `sums`.
  ///
  /// - Parameters:
  ///   - block: A block whose counts fit each other and `sums`.
  ///   - firstBucket: As for ``quantize(_:firstBucket:sharedScale:key:rawBits:into:)``.
  ///   - key: The key of the layer.
  ///   - sums: The running sums of the block's coordinates.
  package func accumulate(
    _ block: DitheredBlock, firstBucket: Int, key: RandomKey, into sums: UnsafeMutableBufferPointer<Float>
  ) {
    var live = 0
    var escapes = block.escapes[...]
    var exact = block.exact[...]
    block.numbers.withUnsafeBufferPointer { numbers in
      block.lows.withUnsafeBufferPointer { lows in
        for (bucket, scale) in block.scales.enumerated() where scale != 0 {
          let range = bucket * bucketSize..<min((bucket + 1) * bucketSize, sums.count)
          let target = UnsafeMutableBufferPointer(rebasing: sums[range])
          if scale.isNaN {
            for i in target.indices { target[i] += exact.popFirst() ?? .nan }
            continue
          }
          let part = live..<live + range.count
          let symbols = UnsafeBufferPointer(rebasing: numbers[part])
          let lowPart = UnsafeBufferPointer(rebasing: lows[block.rawBits > 0 ? part : 0..<0])
          let stream = RoundingStream(key: key.folding(UInt64(firstBucket + bucket)))
          let step = stepSize(scale: scale)
          DitherKernels.undither(
            symbols, lows: lowPart, rawBits: block.rawBits, step: step, stream: stream, into: target)
          if !escapes.isEmpty {
            let rounding = DitherRounding(stream: stream, rawBits: block.rawBits)
            addEscapes(&escapes, symbols, lowPart, step: step, rounding: rounding, to: target)
          }
          live += range.count
        }
      }
    }
  }

  private func addEscapes(
    _ escapes: inout ArraySlice<Int32>, _ numbers: UnsafeBufferPointer<UInt8>, _ lows: UnsafeBufferPointer<UInt8>,
    step: Float, rounding: DitherRounding, to sums: UnsafeMutableBufferPointer<Float>
  ) {
    for i in numbers.indices where numbers[i] == DitheredBlock.escapeNumber {
      guard let high = escapes.popFirst() else { return }
      let integer = high << Int32(rounding.rawBits) | (rounding.rawBits > 0 ? Int32(lows[i]) : 0)
      sums[i] += rounding.value(of: integer, step: step, at: i)
    }
  }
}
