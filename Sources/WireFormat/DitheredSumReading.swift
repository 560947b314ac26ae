public import LaminaNumerics
public import Quantization

extension FrameReader {
  /// Reads the number of workers whose vectors a frame sums up.
  ///
  /// - Parameter expected: The number of workers of the receiver's group.
  /// - Throws: ``WireFormatError/workersMismatch(expected:found:)``, or what the bytes are not.
  public mutating func workers(expected: Int) throws(WireFormatError) {
    let found: UInt32 = try payload.varint()
    guard Int(found) == expected else { throw .workersMismatch(expected: expected, found: Int(found)) }
  }

  /// Reads a dithered layer, and adds its symbols to a sum of integers.
  ///
  /// - Parameters:
  ///   - layer: A dithered layer of the receiver's plan, whose step all workers share.
  ///   - vectorScale: The common scale, where the step is relative to it.
  ///   - worker: The worker that sent the frame.
  ///   - memory: The kernels, and memory to work in.
  ///   - sum: The running sum.
  /// - Throws: ``WireFormatError``; some blocks may then have been added.
  public mutating func add(
    dithered layer: PreparedLayer, vectorScale: Float?, worker: Int, memory: inout DitheredMemory,
    to sum: inout DitheredSum
  ) throws(WireFormatError) {
    let shared = layer.commonScale(vectorScale)
    try forEachBlock(of: layer, memory: &memory) {
      (reader, part, model, quantizer, range) throws(WireFormatError) in
      try reader.read(
        &part.block, count: range.count, bucketSize: quantizer.bucketSize, shared: shared, model: model,
        layer: layer.layer.name)
      sum.add(part.block, firstBucket: range.lowerBound / quantizer.bucketSize, worker: worker)
    }
  }

  /// Reads the summed integers of a dithered layer, and adds what they stand for.
  ///
  /// - Parameters:
  ///   - layer: A dithered layer of the receiver's plan, whose step all workers share.
  ///   - keys: The keys of the layer, one for each of 1 to `DitheredSum.mostWorkers` workers.
  ///   - vectorScale: The common scale, where the step is relative to it.
  ///   - memory: The kernels, and memory to work in.
  ///   - sums: The running sums of the layer's coordinates.
  /// - Throws: ``WireFormatError``; some blocks may then have been added.
  public mutating func accumulate(
    sumOf layer: PreparedLayer, keys: [RandomKey], vectorScale: Float?, memory: inout DitheredMemory,
    into sums: UnsafeMutableBufferPointer<Float>
  ) throws(WireFormatError) {
    precondition(
      (1...DitheredSum.mostWorkers).contains(keys.count), "1 to \(DitheredSum.mostWorkers) vectors are added up")
    let tier = memory.tier
    let shared = layer.commonScale(vectorScale)
    try forEachBlock(of: layer, memory: &memory) {
      (reader, part, model, quantizer, range) throws(WireFormatError) in
      var contributors: [UInt64] = []
      try reader.readSum(
        &part.block, contributors: &contributors, workers: keys.count, count: range.count,
        bucketSize: quantizer.bucketSize, shared: shared, model: model, layer: layer.layer.name)
      quantizer.accumulate(
        part.block, contributors: contributors, firstBucket: range.lowerBound / quantizer.bucketSize, keys: keys,
        into: UnsafeMutableBufferPointer(rebasing: sums[range]), tier: tier)
    }
  }

  /// Reads the head of a layer, then hands out the bytes of its blocks in order.
  private mutating func forEachBlock(
    of layer: PreparedLayer, memory: inout DitheredMemory,
    _ body: (
      inout ByteReader, inout DitheredMemory.Part, DitherModel, DitheredQuantizer, Range<Int>
    ) throws(WireFormatError) -> Void
  ) throws(WireFormatError) {
    guard let quantizer = layer.ditheredQuantizer else {
      preconditionFailure("Layer '\(layer.layer.name)' is not dithered")
    }
    let model = try payload.ditherModel(layer: layer.layer.name, tier: memory.tier)
    let blockSize = PreparedLayer.blockSize(of: quantizer)
    let count = layer.layer.range.count
    for start in stride(from: 0, to: count, by: blockSize) {
      var reader = ByteReader(try payload.block())
      try body(&reader, &memory.parts[0], model, quantizer, start..<min(start + blockSize, count))
    }
  }
}

extension PreparedLayer {
  /// The quantizer of a dithered layer whose integers are added up over so many workers, nil for layers whose means are
  /// rounded again.
  package func linearQuantizer(workers: Int) -> DitheredQuantizer? {
    guard let quantizer = ditheredQuantizer, workers <= DitheredSum.mostWorkers else { return nil }
    return quantizer.scope == nil || quantizer.scope == .vector ? quantizer : nil
  }

  /// The scale of the buckets that are not marked: that of the vector, or 1 where the step is agreed, whatever the scale
  /// of other layers.
  fileprivate func commonScale(_ vectorScale: Float?) -> Float {
    ditheredQuantizer?.scope == .vector ? vectorScale ?? LevelSymbols.exactMark : 1
  }
}

extension ByteReader {
  /// Reads what one block of a sum is made of; all of its bytes.
  fileprivate mutating func readSum(
    _ block: inout DitheredBlock, contributors: inout [UInt64], workers: Int, count: Int, bucketSize: Int,
    shared: Float, model: DitherModel, layer: String
  ) throws(WireFormatError) {
    let bucketCount = (count + bucketSize - 1) / bucketSize
    block.scales.removeAll(keepingCapacity: true)
    try sumMarks(
      bucketCount, workers: workers, shared: shared, layer: layer, scales: &block.scales, contributors: &contributors)
    try readSymbols(
      &block, count: count, bucketSize: bucketSize, workers: workers, model: model, layer: layer)
  }

  private mutating func sumMarks(
    _ bucketCount: Int, workers: Int, shared: Float, layer: String, scales: inout [Float],
    contributors: inout [UInt64]
  ) throws(WireFormatError) {
    let all: UInt64 = workers == 64 ? .max : 1 << UInt64(workers) - 1
    scales.append(contentsOf: repeatElement(shared, count: bucketCount))
    contributors = [UInt64](repeating: all, count: bucketCount)
    let count: UInt32 = try varint()
    var unmarked = bucketCount
    var next = 0
    for _ in 0..<count {
      let mark = UInt64(try varint(UInt32.self))
      guard mark / SumMark.kinds < UInt64(bucketCount - next) else { throw .invalidMarks(layer: layer) }
      let bucket = next + Int(mark / SumMark.kinds)
      switch mark % SumMark.kinds {
      case SumMark.partial:
        var mask: UInt64 = 0
        for byte in 0..<(workers + 7) / 8 { mask |= UInt64(try self.next(UInt8.self)) << UInt64(8 * byte) }
        guard mask != 0, mask & all == mask, mask != all, LevelSymbols.isOrdinary(shared) else {
          throw .invalidMarks(layer: layer)
        }
        contributors[bucket] = mask
      case SumMark.exact:
        scales[bucket] = LevelSymbols.exactMark
        unmarked -= 1
      default:
        scales[bucket] = 0
        unmarked -= 1
      }
      next = bucket + 1
    }
    guard unmarked == 0 || LevelSymbols.isOrdinary(shared) else { throw .invalidMarks(layer: layer) }
  }
}
