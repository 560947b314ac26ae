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
  var own: [Float] { vectors.last }

  var prepared: PreparedPlan
  var vectors: OwnVectors
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
    vectors = OwnVectors(dimension: plan.map.dimension)
  }

  /// Goes on from what another codec of this rank had sent.
  mutating func restore(own: [Float], traffic: TrafficReport) {
    vectors.restore(own)
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
    try local.withUnsafeBufferPointer { (local) throws(ExchangeError) in try encode(local, step: step) }
  }

  /// The frame of `local`, which need not be an array; see ``encode(_:step:)-([Float],_)``.
  public mutating func encode(
    _ local: UnsafeBufferPointer<Float>, step: UInt64
  ) throws(ExchangeError) -> EncodedFrame {
    var nobody: AgreementState?
    return try encode(LocalVector(local), step: step, observer: &nobody)
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
  /// - Throws: ``ExchangeError/dimension(expected:found:)``, ``ExchangeError/nonFinite(layer:step:)`` or
  ///   ``ExchangeError/abandoned``.
  mutating func encode(
    _ local: LocalVector, step: UInt64, observer: inout AgreementState?,
    vectorScale sharedScale: Float? = nil, summary: VectorSummary? = nil
  ) throws(ExchangeError) -> EncodedFrame {
    guard local.count == plan.map.dimension else {
      throw .dimension(expected: plan.map.dimension, found: local.count)
    }
    let isScaled = plan.hasVectorScale && sharedScale == nil
    if nonFinite == .stop || plan.vectorNorm != nil || isScaled { _ = try local.wait() }
    if nonFinite == .stop { try plan.checkFinite(local.values, step: step) }
    vectors.startFrame(isOwn: summary == nil)
    var exactBuckets = 0
    var tally = VectorTally()
    let kind: FrameHeader.Kind = summary == nil ? .local : .sum
    if let summary { writer.append(workers: summary.workers) }
    let vectorNorm = sharedNorm(of: local.values)
    if let vectorNorm {
      writer.append(vectorNorm: vectorNorm)
      traffic.vectorNorms += 32
    }
    let vectorScale = plan.hasVectorScale ? sharedScale ?? plan.scale(of: local.values) : nil
    if let vectorScale {
      writer.append(vectorScale: vectorScale)
      traffic.vectorNorms += 32
    }
    for (ordinal, layer) in prepared.layers.enumerated() {
      let key = key(step: step, rank: rank, layer: ordinal, kind: kind)
      let values = try ready(layer, of: local)
      if let sum = summary?.integers[ordinal] {
        traffic.byType[layer.layer.type, default: LayerTraffic()] += writer.append(sum, of: layer, memory: &memory)
      } else if layer.ditheredQuantizer != nil {
        exactBuckets += encodeDithered(values, layer: layer, key: key, vectorScale: vectorScale, tally: &tally)
        if let vectorScale { observer?.observe(layer, of: local.values, scale: vectorScale) }
      } else if layer.rotatedQuantizer != nil {
        exactBuckets += encodeRotated(values, layer: layer, key: key, tally: &tally)
      } else {
        encode(values, layer: layer, key: key, vectorNorm: vectorNorm, observer: &observer, tally: &tally)
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

  /// The coordinates of a layer, once they are there; what was begun of the frame is dropped where they never are.
  private mutating func ready(
    _ layer: PreparedLayer, of local: LocalVector
  ) throws(ExchangeError) -> UnsafeBufferPointer<Float> {
    do { return try local.wait(for: layer.layer.range) } catch {
      writer = FrameWriter()
      throw error
    }
  }

  private mutating func encode(
    _ values: UnsafeBufferPointer<Float>, layer: PreparedLayer, key: RandomKey, vectorNorm: Float?,
    observer: inout AgreementState?, tally: inout VectorTally
  ) {
    let range = layer.layer.range
    guard let quantizer = layer.quantizer else {
      traffic.byType[layer.layer.type, default: LayerTraffic()] += writer.append(exact: values.span)
      vectors.withLayer(range) { decoded in
        guard let decoded else { return }
        for i in values.indices { decoded.values[i] = values[i] }
        tally.add(decoded, wanted: values)
      }
      return
    }
    let shared = quantizer.scope == .vector ? vectorNorm : nil
    // Packed fields go straight into the payload; of the symbols there are then the norms alone.
    let packed = vectors.withLayer(range) { decoded in
      writer.append(
        packed: values, of: layer, key: key, vectorNorm: shared, threads: memory.threads, decoded: decoded,
        norms: &symbols.norms, tally: &tally)
    }
    if let packed {
      observer?.observe(layer, values, symbols)
      traffic.byType[layer.layer.type, default: LayerTraffic()] += packed
      return
    }
    quantizer.quantize(values.span, key: key, vectorNorm: shared, into: &symbols)
    observer?.observe(layer, values, symbols)
    traffic.byType[layer.layer.type, default: LayerTraffic()] += writer.append(symbols, of: layer)
    vectors.withLayer(range) { decoded in
      guard let decoded else { return }
      decoded.values.update(repeating: 0)
      var span = decoded.values.mutableSpan
      quantizer.accumulate(symbols, into: &span)
      tally.add(decoded, wanted: values)
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
    try sum.withUnsafeMutableBufferPointer { (sum) throws(WireFormatError) in
      try accumulate(frame, step: step, rank: rank, into: sum)
    }
  }

  /// Adds the vector that a frame holds to `sum`, which need not be an array; see
  /// ``accumulate(_:step:rank:into:)-([UInt8],_,_,[Float])``.
  @discardableResult
  public mutating func accumulate(
    _ frame: [UInt8], step: UInt64, rank: Int, into sum: UnsafeMutableBufferPointer<Float>
  ) throws(WireFormatError) -> FrameHeader {
    precondition(sum.count == plan.map.dimension, "The sum has another dimension than the layer map")
    var reader = try FrameReader(frame[...], plan: plan, step: step, rank: rank)
    let shared = try reader.sharedScales(of: plan)
    for (ordinal, layer) in prepared.layers.enumerated() {
      try accumulate(
        layer, key: key(step: step, rank: rank, layer: ordinal), shared: shared, from: &reader, into: sum)
    }
    try reader.finish()
    return reader.header
  }

  /// Adds the coordinates of the next layer of a frame.
  mutating func accumulate(
    _ layer: PreparedLayer, key: RandomKey, shared: SharedScales, from reader: inout FrameReader,
    into sum: UnsafeMutableBufferPointer<Float>
  ) throws(WireFormatError) {
    let part = UnsafeMutableBufferPointer(rebasing: sum[layer.layer.range])
    if layer.ditheredQuantizer != nil {
      try reader.accumulate(dithered: layer, key: key, vectorScale: shared.scale, memory: &memory, into: part)
    } else if layer.rotatedQuantizer != nil {
      try reader.accumulate(rotated: layer, key: key, memory: &rotatedMemory, into: part)
    } else if let quantizer = layer.quantizer {
      if try reader.accumulate(packed: layer, vectorNorm: shared.norm, threads: memory.threads, into: part) { return }
      try reader.symbols(of: layer, vectorNorm: shared.norm, into: &symbols)
      var span = part.mutableSpan
      quantizer.accumulate(symbols, into: &span)
    } else {
      try reader.exact(part.count, into: &exact)
      add(exact, to: part)
    }
  }

  /// The norm over all coordinates that quantizers of the scope of the vector round.
  private func sharedNorm(of local: UnsafeBufferPointer<Float>) -> Float? {
    guard let norm = plan.vectorNorm else { return nil }
    let parts = prepared.layers.filter { $0.quantizer?.scope == .vector }.map { layer in
      norm(UnsafeBufferPointer(rebasing: local[layer.layer.range]).span)
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
  func checkFinite(_ local: UnsafeBufferPointer<Float>, step: UInt64) throws(ExchangeError) {
    for layer in map.layers where !Norm.max(UnsafeBufferPointer(rebasing: local[layer.range]).span).isFinite {
      throw .nonFinite(layer: layer.name, step: step)
    }
  }
}
