import LaminaNumerics
import Quantization
import WireFormat

/// What a frame of the kind `.sum` says beside the mean of its coordinates.
struct VectorSummary {
  /// K, how many vectors were added up.
  var workers: Int
  /// Σₖ ‖V̂ₖ‖².
  var squaredNorms = 0.0
  /// Σₖ ‖V̂ₖ − V̂ₖ′‖².
  var squaredChanges = 0.0
  /// The summed integers of the layers whose steps all workers share, by the number of the layer.
  var integers: [Int: DitheredSum] = [:]
}

extension ExchangeCodec {
  /// Adds up the vectors of all workers and encodes their mean.
  ///
  /// Integers with a common step are added as they are, and travel on as their sum; what was rounded otherwise is decoded,
  /// averaged, and rounded again with draws of its own.
  ///
  /// - Parameters:
  ///   - frames: The frames of all workers, in rank order.
  ///   - codec: The codec that read them.
  ///   - step: The step.
  /// - Returns: The frame of the mean.
  /// - Throws: ``ExchangeError/frame(rank:_:)``, or as for `encode`.
  mutating func mean(
    of frames: [[UInt8]], readBy codec: inout ExchangeCodec, step: UInt64
  ) throws(ExchangeError) -> [UInt8] {
    var mean = [Float](repeating: 0, count: plan.map.dimension)
    var summary = VectorSummary(workers: frames.count)
    var common: Float?
    for (rank, frame) in frames.enumerated() {
      do { common = try codec.add(frame, step: step, rank: rank, to: &mean, &summary) ?? common } catch {
        throw .frame(rank: rank, error)
      }
    }
    divide(&mean, by: frames.count)
    var nobody: AgreementState?
    return try mean.withUnsafeBufferPointer { (mean) throws(ExchangeError) in
      try encode(LocalVector(mean), step: step, observer: &nobody, vectorScale: common, summary: summary).bytes
    }
  }

  /// Adds what one frame holds: integers with a common step to the summary, all else to the sum.
  ///
  /// - Returns: The common scale of the plan's dithered layers, nil where it has none.
  private mutating func add(
    _ frame: [UInt8], step: UInt64, rank: Int, to sum: inout [Float], _ summary: inout VectorSummary
  ) throws(WireFormatError) -> Float? {
    var reader = try FrameReader(frame[...], plan: plan, step: step, rank: rank)
    let shared = try reader.sharedScales(of: plan)
    for (ordinal, layer) in prepared.layers.enumerated() {
      guard let quantizer = layer.linearQuantizer(workers: summary.workers) else {
        let key = key(step: step, rank: rank, layer: ordinal)
        try sum.withUnsafeMutableBufferPointer { (sum) throws(WireFormatError) in
          try accumulate(layer, key: key, shared: shared, from: &reader, into: sum)
        }
        continue
      }
      var integers =
        summary.integers.removeValue(forKey: ordinal)
        ?? DitheredSum(
          quantizer: quantizer, scale: shared.scale ?? 1, count: layer.layer.range.count,
          keys: keys(step: step, workers: summary.workers, layer: ordinal))
      // Scales that differ would be steps that differ: the sender is of another mind about the step of all.
      guard shared.scale.map({ $0.bitPattern == integers.scale.bitPattern }) ?? true else {
        throw .invalidNorm(layer: layer.layer.name)
      }
      try reader.add(dithered: layer, vectorScale: shared.scale, worker: rank, memory: &memory, to: &integers)
      summary.integers[ordinal] = integers
    }
    try reader.finish()
    summary.squaredNorms += reader.header.squaredNorm
    summary.squaredChanges += reader.header.squaredChange
    return shared.scale
  }

  /// Reads the mean that the owner of these coordinates published.
  ///
  /// - Parameters:
  ///   - frame: The bytes.
  ///   - step: The step.
  ///   - owner: The rank that made it.
  ///   - workers: K.
  ///   - mean: Zeros; receives the mean.
  /// - Returns: The frame's header.
  /// - Throws: `WireFormatError`.
  package mutating func read(
    mean frame: [UInt8], step: UInt64, owner: Int, workers: Int, into mean: UnsafeMutableBufferPointer<Float>
  ) throws(WireFormatError) -> FrameHeader {
    var reader = try FrameReader(frame[...], plan: plan, step: step, rank: owner, kind: .sum)
    try reader.workers(expected: workers)
    let shared = try reader.sharedScales(of: plan)
    for (ordinal, layer) in prepared.layers.enumerated() {
      guard layer.linearQuantizer(workers: workers) != nil else {
        try accumulate(
          layer, key: key(step: step, rank: owner, layer: ordinal, kind: .sum), shared: shared, from: &reader,
          into: mean)
        continue
      }
      let keys = keys(step: step, workers: workers, layer: ordinal)
      let part = UnsafeMutableBufferPointer(rebasing: mean[layer.layer.range])
      try reader.accumulate(sumOf: layer, keys: keys, vectorScale: shared.scale, memory: &memory, into: part)
      divide(part, by: workers)
    }
    try reader.finish()
    return reader.header
  }

  /// The keys of a layer, one for each worker.
  private func keys(step: UInt64, workers: Int, layer: Int) -> [RandomKey] {
    (0..<workers).map { key(step: step, rank: $0, layer: layer) }
  }
}
