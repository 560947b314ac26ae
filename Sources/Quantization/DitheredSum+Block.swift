package import LaminaNumerics

extension DitheredSum {
  /// The symbols of the summed integers of a run of buckets: like those of one worker, with larger integers.
  ///
  /// A bucket that a worker sent exactly is exact, with the sum of all; one that no worker has anything of is zero.
  ///
  /// - Parameters:
  ///   - buckets: The buckets.
  ///   - rawBits: How many low bits are not coded.
  ///   - block: Receives the symbols.
  package func read(_ buckets: Range<Int>, rawBits: Int, into block: inout DitheredBlock) {
    block.scales.removeAll(keepingCapacity: true)
    block.exact.removeAll(keepingCapacity: true)
    var live = 0
    for bucket in buckets {
      block.scales.append(
        isExact[bucket] ? LevelSymbols.exactMark : contributors[bucket] == 0 ? 0 : sharedScale)
      if isExact[bucket] {
        // One NaN for all: which one a processor makes of two infinities is its own affair.
        block.exact += decoded(bucket: bucket).map { $0.isNaN ? .nan : Float($0) }
      } else if contributors[bucket] != 0 {
        live += range(of: bucket).count
      }
    }
    block.prepare(liveCount: live, rawBits: rawBits)
    var start = 0
    integers.withUnsafeBufferPointer { integers in
      block.withBytes { numbers, lows, block in
        for bucket in buckets where !isExact[bucket] && contributors[bucket] != 0 {
          let values = UnsafeBufferPointer(rebasing: integers[range(of: bucket)])
          let place = start..<start + values.count
          values.split(
            rawBits: rawBits, numbers: UnsafeMutableBufferPointer(rebasing: numbers[place]),
            lows: rawBits > 0 ? UnsafeMutableBufferPointer(rebasing: lows[place]) : lows, escapes: &block.escapes)
          start += values.count
        }
      }
    }
  }

  /// Integers of this sum on buckets spread over it, from which its code is chosen; each within ±4095.
  package func sample(of limit: Int) -> [Int16] {
    let live = contributors.indices.filter { !isExact[$0] && contributors[$0] != 0 }
    let partCount = min(live.count, max(1, limit / quantizer.bucketSize))
    return [Int16](unsafeUninitializedCapacity: partCount * quantizer.bucketSize) { sample, count in
      integers.withUnsafeBufferPointer { integers in
        for part in 0..<partCount {
          for i in range(of: live[part * live.count / partCount]) {
            sample[count] = Int16(truncatingIfNeeded: min(max(integers[i], -4095), 4095))
            count += 1
          }
        }
      }
    }
  }

  /// The scale of the live buckets, as blocks have it.
  private var sharedScale: Float { quantizer.scope == nil ? 1 : scale }
}

extension UnsafeBufferPointer<Int32> {
  /// Splits integers q = 2ʳh + l into the numbers of h, the bits l, and those h that escape.
  fileprivate func split(
    rawBits: Int, numbers: UnsafeMutableBufferPointer<UInt8>, lows: UnsafeMutableBufferPointer<UInt8>,
    escapes: inout [Int32]
  ) {
    let shift = Int32(rawBits)
    for i in indices {
      let number = (self[i] &>> shift) &+ DitherRounding.middle
      let isCoded = UInt32(bitPattern: number &- 1) < UInt32(DitheredBlock.numberCount - 1)
      numbers[i] = isCoded ? UInt8(truncatingIfNeeded: number) : DitheredBlock.escapeNumber
    }
    if rawBits > 0 {
      let mask: Int32 = 1 << shift - 1
      for i in indices { lows[i] = UInt8(truncatingIfNeeded: self[i] & mask) }
    }
    let coded = UnsafeBufferPointer<UInt8>(numbers)
    var place = coded.firstZero(from: 0)
    while place < coded.count {
      escapes.append(self[place] >> shift)
      place = coded.firstZero(from: place + 1)
    }
  }
}

extension DitheredQuantizer {
  /// Adds the vector that summed symbols stand for to `sums`: Δ·((Q + ½) − d) for the first worker of a bucket, then
  /// Δ·(½ − d) for each of the others, in rank order, every operation rounded to binary32.
  ///
  /// - Parameters:
  ///   - block: The symbols of whole buckets, whose counts fit each other and `sums`.
  ///   - contributors: For each bucket of the block its workers, bit k for worker k; not 0 where it has integers.
  ///   - firstBucket: The number of the first bucket in the layer.
  ///   - keys: The keys of the layer, one for each worker.
  ///   - sums: The running sums of the block's coordinates.
  ///   - tier: The kernels to use; all add the same numbers.
  package func accumulate(
    _ block: DitheredBlock, contributors: [UInt64], firstBucket: Int, keys: [RandomKey],
    into sums: UnsafeMutableBufferPointer<Float>, tier: KernelTier = .active
  ) {
    let kernels = BucketKernels(tier)
    let middles = [UInt8](repeating: UInt8(DitherRounding.middle), count: min(bucketSize, sums.count))
    var live = 0
    var exact = block.exact[...]
    block.numbers.withUnsafeBufferPointer { numbers in
      block.lows.withUnsafeBufferPointer { lows in
        var escapes = EscapeCursor(block, numbers: numbers, lows: lows)
        for (bucket, scale) in block.scales.enumerated() where scale != 0 {
          let range = bucket * bucketSize..<min((bucket + 1) * bucketSize, sums.count)
          let target = UnsafeMutableBufferPointer(rebasing: sums[range])
          if scale.isNaN {
            for i in target.indices { target[i] += exact.popFirst() ?? .nan }
            continue
          }
          let step = stepSize(scale: scale)
          var mask = contributors[bucket]
          var isFirst = true
          while mask != 0 {
            let key = keys[mask.trailingZeroBitCount]
            mask &= mask - 1
            let stream = RoundingStream(key: key.folding(UInt64(firstBucket + bucket)))
            if isFirst {
              kernels.undither(
                numbers.baseAddress?.advanced(by: live),
                lows: block.rawBits > 0 ? lows.baseAddress?.advanced(by: live) : nil, rawBits: block.rawBits,
                step: step, stream: stream, into: target)
              let end = live + range.count
              if escapes.place < end {
                escapes.add(before: end, from: live, step: step, stream: stream, to: target)
              }
              isFirst = false
            } else {
              kernels.undither(middles, lows: nil, rawBits: 0, step: step, stream: stream, into: target)
            }
          }
          live += range.count
        }
      }
    }
  }
}
