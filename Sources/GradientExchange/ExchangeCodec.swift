import LaminaNumerics
import Quantization
public import WireFormat

/// What to do with a coordinate that is NaN or infinite.
public enum NonFinitePolicy: String, Hashable, Sendable, Codable, CaseIterable {
  /// Its bucket travels exactly, and the report counts it.
  case send
  /// The exchange throws ``ExchangeError/nonFinite(layer:step:)`` before anything is sent.
  case stop
}

/// A frame with what its maker knows about it.
public struct EncodedFrame: Sendable {
  /// The bytes.
  public var bytes: [UInt8]
  /// ‖V̂ − V‖², the squared error of this quantization.
  public var squaredError: Double
  /// ‖V‖².
  public var squaredNorm: Double
  /// How many buckets travelled exactly.
  public var exactBuckets: Int
  /// The header of the frame.
  let header: FrameHeader
}

/// Makes and reads the frames of one rank; knows no transport.
public struct ExchangeCodec: Sendable {
  /// The plan in force.
  public var plan: QuantizationPlan { prepared.plan }
  /// The rank whose frames it makes.
  public let rank: Int
  /// What to do with coordinates that are not finite.
  public let nonFinite: NonFinitePolicy
  /// What was sent so far.
  public internal(set) var traffic: TrafficReport
  /// The decoded vector of the last frame made here.
  var own: [Float]

  var prepared: PreparedPlan
  /// That of the frame before.
  var previous: [Float]
  var writer = FrameWriter()
  private var symbols = LevelSymbols()
  var memory: DitheredMemory
  var rotatedMemory: RotatedMemory
  private var exact: [Float] = []

  /// A codec for `plan`.
  ///
  /// - Parameters:
  ///   - plan: The plan.
  ///   - rank: The rank whose frames it makes.
  ///   - nonFinite: What to do with coordinates that are not finite.
  ///   - threads: How many threads one call may use, at least 1; frames and sums do not depend on it.
  public init(plan: QuantizationPlan, rank: Int, nonFinite: NonFinitePolicy = .send, threads: Int = 1) {
    self.rank = rank
    self.nonFinite = nonFinite
    memory = DitheredMemory(threads: threads)
    rotatedMemory = RotatedMemory(threads: threads)
    prepared = PreparedPlan(plan)
    traffic = TrafficReport(dimension: plan.map.dimension)
    own = [Float](repeating: 0, count: plan.map.dimension)
    previous = own
  }

  /// Goes on from what another codec of this rank had sent.
  mutating func restore(own: [Float], traffic: TrafficReport) {
    self.own = own
    self.traffic = traffic
  }

  /// Replaces the plan, at a level epoch.
  mutating func adopt(_ plan: QuantizationPlan) { prepared = PreparedPlan(plan) }

  /// The key of a layer's draws: (seed, step, rank, layer), the kind of the frame above the rank; the quantizer folds in
  /// the bucket.
  func key(step: UInt64, rank: Int, layer: Int, kind: FrameHeader.Kind = .local) -> RandomKey {
    let sender = UInt64(kind.rawValue) << 32 | UInt64(rank)
    return RandomKey(seed: plan.seed).folding(step).folding(sender).folding(UInt64(layer))
  }

  /// The frame of `local`.
  ///
  /// - Parameters:
  ///   - local: The dual vector of this rank.
  ///   - step: The step, which names the draws and rides in the frame.
  /// - Returns: The frame.
  /// - Throws: ``ExchangeError/dimension(expected:found:)`` or ``ExchangeError/nonFinite(layer:step:)``.
  public mutating func encode(_ local: [Float], step: UInt64) throws(ExchangeError) -> EncodedFrame {
    var nobody: AgreementState?
    return try encode(local, step: step, observer: &nobody)
  }

  /// The frame of `local`, each of whose layers `observer` is shown on the way.
  ///
  /// - Parameters:
  ///   - local: The dual vector of this rank, or the mean of those of all.
  ///   - step: The step.
  ///   - observer: What learns from the layers.
  ///   - sharedScale: The scale that all ranks share, nil for that of `local`.
  ///   - summary: What makes the frame a sum.
  /// - Returns: The frame.
  /// - Throws: ``ExchangeError/dimension(expected:found:)`` or ``ExchangeError/nonFinite(layer:step:)``.
  mutating func encode(
    _ local: [Float], step: UInt64, observer: inout AgreementState?, vectorScale sharedScale: Float? = nil,
    summary: VectorSummary? = nil
  ) throws(ExchangeError) -> EncodedFrame {
    guard local.count == plan.map.dimension else {
      throw .dimension(expected: plan.map.dimension, found: local.count)
    }
    if nonFinite == .stop { try plan.checkFinite(local, step: step) }
    swap(&own, &previous)
    var exactBuckets = 0
    var tally = VectorTally()
    let kind: FrameHeader.Kind = summary == nil ? .local : .sum
    if let summary { writer.append(workers: summary.workers) }
    let vectorNorm = sharedNorm(of: local)
    if let vectorNorm {
      writer.append(vectorNorm: vectorNorm)
      traffic.vectorNorms += 32
    }
    let vectorScale = plan.hasVectorScale ? sharedScale ?? plan.scale(of: local) : nil
    if let vectorScale {
      writer.append(vectorScale: vectorScale)
      traffic.vectorNorms += 32
    }
    for (ordinal, layer) in prepared.layers.enumerated() {
      let key = key(step: step, rank: rank, layer: ordinal, kind: kind)
      if let sum = summary?.integers[ordinal] {
        traffic.byType[layer.layer.type, default: LayerTraffic()] += writer.append(sum, of: layer, memory: &memory)
      } else if layer.ditheredQuantizer != nil {
        exactBuckets += encodeDithered(local, layer: layer, key: key, vectorScale: vectorScale, tally: &tally)
        if let vectorScale {
          local.withUnsafeBufferPointer { observer?.observe(layer, of: $0, scale: vectorScale) }
        }
      } else if layer.rotatedQuantizer != nil {
        exactBuckets += encodeRotated(local, layer: layer, key: key)
        compare(layer.layer.range, of: local, in: &tally)
      } else {
        encode(local, layer: layer, key: key, vectorNorm: vectorNorm, observer: &observer, tally: &tally)
        if layer.quantizer != nil { exactBuckets += symbols.norms.count { $0.isNaN } }
      }
    }
    let header = FrameHeader(
      kind: kind, rank: UInt16(rank), levelEpoch: plan.levelEpoch, planDigest: plan.digest, step: step,
      squaredNorm: summary?.squaredNorms ?? tally.norm, squaredChange: summary?.squaredChanges ?? tally.change)
    let payloadBits = 8 * writer.payloadSize
    let bytes = writer.finish(header: header)
    traffic.framing += 8 * bytes.count - payloadBits
    traffic.exchanges += 1
    return EncodedFrame(
      bytes: bytes, squaredError: tally.error, squaredNorm: tally.source, exactBuckets: exactBuckets,
      header: header)
  }

  private mutating func encode(
    _ local: [Float], layer: PreparedLayer, key: RandomKey, vectorNorm: Float?, observer: inout AgreementState?,
    tally: inout VectorTally
  ) {
    let range = layer.layer.range
    let slice = local.span.extracting(range)
    guard let quantizer = layer.quantizer else {
      traffic.byType[layer.layer.type, default: LayerTraffic()] += writer.append(exact: slice)
      own.withUnsafeMutableBufferPointer { own in
        for i in range { own[i] = local[i] }
      }
      compare(range, of: local, in: &tally)
      return
    }
    let shared = quantizer.scope == .vector ? vectorNorm : nil
    if let took = encodePacked(local, layer: layer, key: key, vectorNorm: shared, tally: &tally) {
      local.withUnsafeBufferPointer { observer?.observe(layer, UnsafeBufferPointer(rebasing: $0[range]), symbols) }
      traffic.byType[layer.layer.type, default: LayerTraffic()] += took
      return
    }
    quantizer.quantize(slice, key: key, vectorNorm: shared, into: &symbols)
    local.withUnsafeBufferPointer { observer?.observe(layer, UnsafeBufferPointer(rebasing: $0[range]), symbols) }
    traffic.byType[layer.layer.type, default: LayerTraffic()] += writer.append(symbols, of: layer)
    own.withUnsafeMutableBufferPointer { own in
      let target = UnsafeMutableBufferPointer(rebasing: own[range])
      target.update(repeating: 0)
      var span = target.mutableSpan
      quantizer.accumulate(symbols, into: &span)
    }
    compare(range, of: local, in: &tally)
  }

  /// Adds what the own vector says of a layer to a tally.
  private mutating func compare(_ range: Range<Int>, of local: [Float], in tally: inout VectorTally) {
    own.withUnsafeMutableBufferPointer { own in
      previous.withUnsafeBufferPointer { previous in
        local.withUnsafeBufferPointer { local in
          tally.add(
            DecodedLayer(values: own, before: previous)[range], wanted: UnsafeBufferPointer(rebasing: local[range]))
        }
      }
    }
  }

  /// Encodes a layer of packed fields straight into the payload and decodes it into the own vector; of the symbols there
  /// are then the norms alone. Nil where the layer is to take the general path.
  private mutating func encodePacked(
    _ local: [Float], layer: PreparedLayer, key: RandomKey, vectorNorm: Float?, tally: inout VectorTally
  ) -> LayerTraffic? {
    let range = layer.layer.range
    return own.withUnsafeMutableBufferPointer { own in
      previous.withUnsafeBufferPointer { previous in
        local.withUnsafeBufferPointer { local in
          writer.append(
            packed: UnsafeBufferPointer(rebasing: local[range]), of: layer, key: key, vectorNorm: vectorNorm,
            threads: memory.threads, decoded: DecodedLayer(values: own, before: previous)[range],
            norms: &symbols.norms, tally: &tally)
        }
      }
    }
  }

  /// Adds the vector that a frame holds to `sum`.
  ///
  /// - Parameters:
  ///   - frame: The bytes that `rank` sent.
  ///   - step: The step that the frame must belong to.
  ///   - rank: The rank that sent it.
  ///   - sum: The running sum, of the dimension of the layer map.
  /// - Returns: The frame's header.
  /// - Throws: `WireFormatError`; parts of the frame may then have been added to `sum`.
  @discardableResult
  public mutating func accumulate(
    _ frame: [UInt8], step: UInt64, rank: Int, into sum: inout [Float]
  ) throws(WireFormatError) -> FrameHeader {
    precondition(sum.count == plan.map.dimension, "The sum has another dimension than the layer map")
    var reader = try FrameReader(frame[...], plan: plan, step: step, rank: rank)
    let shared = try reader.sharedScales(of: plan)
    for (ordinal, layer) in prepared.layers.enumerated() {
      try accumulate(
        layer, key: key(step: step, rank: rank, layer: ordinal), shared: shared, from: &reader, into: &sum)
    }
    try reader.finish()
    return reader.header
  }

  /// Adds the coordinates of the next layer of a frame.
  mutating func accumulate(
    _ layer: PreparedLayer, key: RandomKey, shared: SharedScales, from reader: inout FrameReader,
    into sum: inout [Float]
  ) throws(WireFormatError) {
    let range = layer.layer.range
    if layer.ditheredQuantizer != nil {
      try sum.withUnsafeMutableBufferPointer { (sum) throws(WireFormatError) in
        try reader.accumulate(
          dithered: layer, key: key, vectorScale: shared.scale, memory: &memory,
          into: UnsafeMutableBufferPointer(rebasing: sum[range]))
      }
    } else if layer.rotatedQuantizer != nil {
      try sum.withUnsafeMutableBufferPointer { (sum) throws(WireFormatError) in
        try reader.accumulate(
          rotated: layer, key: key, memory: &rotatedMemory, into: UnsafeMutableBufferPointer(rebasing: sum[range]))
      }
    } else if let quantizer = layer.quantizer {
      let isRead = try sum.withUnsafeMutableBufferPointer { (sum) throws(WireFormatError) in
        try reader.accumulate(
          packed: layer, vectorNorm: shared.norm, threads: memory.threads,
          into: UnsafeMutableBufferPointer(rebasing: sum[range]))
      }
      if isRead { return }
      try reader.symbols(of: layer, vectorNorm: shared.norm, into: &symbols)
      sum.withUnsafeMutableBufferPointer { sum in
        var span = UnsafeMutableBufferPointer(rebasing: sum[range]).mutableSpan
        quantizer.accumulate(symbols, into: &span)
      }
    } else {
      try reader.exact(range.count, into: &exact)
      sum.withUnsafeMutableBufferPointer { add(exact, to: UnsafeMutableBufferPointer(rebasing: $0[range])) }
    }
  }

  /// The norm over all coordinates that quantizers of the scope of the vector round.
  private func sharedNorm(of local: [Float]) -> Float? {
    guard let norm = plan.vectorNorm else { return nil }
    let parts = prepared.layers.filter { $0.quantizer?.scope == .vector }.map { layer in
      norm(local.span.extracting(layer.layer.range))
    }
    return LevelSymbols.canonical(norm.combining(parts))
  }

}

/// The norm and the scale that the layers of a frame share, nil where its plan has none.
struct SharedScales {
  let norm: Float?
  let scale: Float?
}

extension FrameReader {
  /// Reads what stands in front of the first layer.
  mutating func sharedScales(of plan: QuantizationPlan) throws(WireFormatError) -> SharedScales {
    SharedScales(
      norm: plan.vectorNorm == nil ? nil : try vectorNorm(), scale: plan.hasVectorScale ? try vectorNorm() : nil)
  }
}

extension QuantizationPlan {
  /// Throws ``ExchangeError/nonFinite(layer:step:)`` where a coordinate is NaN or infinite.
  func checkFinite(_ local: [Float], step: UInt64) throws(ExchangeError) {
    for layer in map.layers where !Norm.max(local.span.extracting(layer.range)).isFinite {
      throw .nonFinite(layer: layer.name, step: step)
    }
  }
}
