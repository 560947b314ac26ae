import LaminaNumerics
public import Quantization

extension FrameWriter {
  /// Appends the number of workers whose vectors a frame sums up; first in its payload.
  public mutating func append(workers: Int) { payload.append(varint: UInt64(workers)) }

  /// Appends the summed integers of a dithered layer, block by block.
  ///
  /// - Parameters:
  ///   - sum: The sum of the workers' symbols.
  ///   - layer: The layer.
  ///   - memory: The kernels, and memory to work in.
  /// - Returns: What the layer took.
  public mutating func append(
    _ sum: DitheredSum, of layer: PreparedLayer, memory: inout DitheredMemory
  ) -> LayerTraffic {
    guard let quantizer = layer.ditheredQuantizer else {
      preconditionFailure("Layer '\(layer.layer.name)' is not dithered")
    }
    let count = sum.integers.count
    let model = DitherModel.fitted(
      to: DitherSample(integers: sum.sample(of: DitherSample.sampleLimit), tier: memory.tier), count: count,
      tier: memory.tier)
    let start = payload.bytes.count
    payload.append(model)
    var traffic = LayerTraffic()
    traffic.overhead = 8 * (payload.bytes.count - start)
    let blockSize = PreparedLayer.blockSize(of: quantizer)
    for first in stride(from: 0, to: count, by: blockSize) {
      let buckets =
        first / quantizer.bucketSize..<(min(first + blockSize, count) + quantizer.bucketSize - 1) / quantizer.bucketSize
      traffic += memory.parts[0].write(sum, buckets: buckets, model: model, tier: memory.tier, to: &payload)
    }
    return traffic
  }
}

extension DitheredMemory.Part {
  /// Appends the length and the bytes of one block.
  fileprivate mutating func write(
    _ sum: DitheredSum, buckets: Range<Int>, model: DitherModel, tier: KernelTier, to bytes: inout ByteWriter
  ) -> LayerTraffic {
    sum.read(buckets, rawBits: model.rawBits, into: &block)
    var traffic = LayerTraffic()
    head.removeAll()
    head.append(marksOf: block.scales, contributors: sum.contributors[buckets], workers: sum.keys.count)
    traffic.overhead += 8 * head.bytes.count
    head.append(block.exact)
    code(model, tier: tier)
    let size = head.bytes.count + bits.bytes.count
    traffic.symbols += 32 * block.exact.count + 8 * bits.bytes.count
    traffic.overhead += 8 * varintSize(UInt64(size))
    bytes.append(varint: UInt64(size))
    bytes.append(head.bytes)
    bytes.append(bits.bytes)
    return traffic
  }
}

/// What is marked of a bucket of a sum, in the lowest part of its mark.
enum SumMark {
  static let zero: UInt64 = 0
  static let exact: UInt64 = 1
  /// Only some workers, named by bytes behind the mark, have a part in the integers.
  static let partial: UInt64 = 2
  static let kinds: UInt64 = 3
}

extension ByteWriter {
  /// The buckets to which not all workers gave integers: their number, then for each the buckets between it and the one
  /// before, times the number of kinds, plus its kind; then, where it is partial, the bits of its workers.
  fileprivate mutating func append(marksOf scales: [Float], contributors: ArraySlice<UInt64>, workers: Int) {
    let all: UInt64 = workers == 64 ? .max : 1 << UInt64(workers) - 1
    var marks = ByteWriter()
    var count = 0
    var next = 0
    for (bucket, (scale, mask)) in zip(scales, contributors).enumerated() {
      let isLive = LevelSymbols.isOrdinary(scale)
      if isLive && mask == all { continue }
      let kind = isLive ? SumMark.partial : scale.isNaN ? SumMark.exact : SumMark.zero
      marks.append(varint: SumMark.kinds * UInt64(bucket - next) + kind)
      if isLive {
        for byte in 0..<(workers + 7) / 8 { marks.append(UInt8(truncatingIfNeeded: mask >> UInt64(8 * byte))) }
      }
      next = bucket + 1
      count += 1
    }
    append(varint: UInt64(count))
    append(marks.bytes)
  }
}
