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
  private var previous: [Float]
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

  /// The key of a layer's draws: (seed, step, rank, layer); the quantizer folds in the bucket.
  private func key(step: UInt64, rank: Int, layer: Int) -> RandomKey {
    RandomKey(seed: plan.seed).folding(step).folding(UInt64(rank)).folding(UInt64(layer))
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
  mutating func encode(
    _ local: [Float], step: UInt64, observer: inout AgreementState?
  ) throws(ExchangeError) -> EncodedFrame {
    guard local.count == plan.map.dimension else {
      throw .dimension(expected: plan.map.dimension, found: local.count)
    }
    if nonFinite == .stop { try checkFinite(local, step: step) }
    swap(&own, &previous)
    var exactBuckets = 0
    let vectorNorm = sharedNorm(of: local)
    if let vectorNorm {
      writer.append(vectorNorm: vectorNorm)
      traffic.vectorNorms += 32
    }
    let vectorScale = sharedScale(of: local)
    if let vectorScale {
      writer.append(vectorScale: vectorScale)
      traffic.vectorNorms += 32
    }
    for (ordinal, layer) in prepared.layers.enumerated() {
      let key = key(step: step, rank: rank, layer: ordinal)
      if layer.ditheredQuantizer != nil {
        exactBuckets += encodeDithered(local, layer: layer, key: key, vectorScale: vectorScale)
        if let vectorScale {
          local.withUnsafeBufferPointer {
            observer?.observe(layer, UnsafeBufferPointer(rebasing: $0[layer.layer.range]), scale: vectorScale)
          }
        }
      } else if layer.rotatedQuantizer != nil {
        exactBuckets += encodeRotated(local, layer: layer, key: key)
      } else {
        encode(local, layer: layer, key: key, vectorNorm: vectorNorm, observer: &observer)
        if layer.quantizer != nil { exactBuckets += symbols.norms.count { $0.isNaN } }
      }
    }
    let sums = VectorTally(sent: own, before: previous, wanted: local)
    let header = FrameHeader(
      kind: .local, rank: UInt16(rank), levelEpoch: plan.levelEpoch, planDigest: plan.digest, step: step,
      squaredNorm: sums.norm, squaredChange: sums.change)
    let payloadBits = 8 * writer.payloadSize
    let bytes = writer.finish(header: header)
    traffic.framing += 8 * bytes.count - payloadBits
    traffic.exchanges += 1
    observer?.observe(frameBits: 8 * bytes.count)
    return EncodedFrame(
      bytes: bytes, squaredError: sums.error, squaredNorm: sums.source, exactBuckets: exactBuckets)
  }

  private mutating func encode(
    _ local: [Float], layer: PreparedLayer, key: RandomKey, vectorNorm: Float?, observer: inout AgreementState?
  ) {
    let range = layer.layer.range
    let slice = local.span.extracting(range)
    guard let quantizer = layer.quantizer else {
      traffic.byType[layer.layer.type, default: LayerTraffic()] += writer.append(exact: slice)
      own.withUnsafeMutableBufferPointer { own in
        for i in range { own[i] = local[i] }
      }
      return
    }
    let shared = quantizer.scope == .vector ? vectorNorm : nil
    if let took = encodePacked(local, layer: layer, key: key, vectorNorm: shared) {
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
  }

  /// Encodes a layer of packed fields straight into the payload and decodes it into the own vector; of the symbols there
  /// are then the norms alone. Nil where the layer is to take the general path.
  private mutating func encodePacked(
    _ local: [Float], layer: PreparedLayer, key: RandomKey, vectorNorm: Float?
  ) -> LayerTraffic? {
    let range = layer.layer.range
    return own.withUnsafeMutableBufferPointer { own in
      local.withUnsafeBufferPointer { local in
        writer.append(
          packed: UnsafeBufferPointer(rebasing: local[range]), of: layer, key: key, vectorNorm: vectorNorm,
          threads: memory.threads, decoded: UnsafeMutableBufferPointer(rebasing: own[range]), norms: &symbols.norms)
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
    let vectorNorm = plan.vectorNorm == nil ? nil : try reader.vectorNorm()
    let vectorScale = plan.hasVectorScale ? try reader.vectorNorm() : nil
    for (ordinal, layer) in prepared.layers.enumerated() {
      let range = layer.layer.range
      if layer.ditheredQuantizer != nil {
        let key = key(step: step, rank: rank, layer: ordinal)
        try sum.withUnsafeMutableBufferPointer { (sum) throws(WireFormatError) in
          try reader.accumulate(
            dithered: layer, key: key, vectorScale: vectorScale, memory: &memory,
            into: UnsafeMutableBufferPointer(rebasing: sum[range]))
        }
      } else if layer.rotatedQuantizer != nil {
        let key = key(step: step, rank: rank, layer: ordinal)
        try sum.withUnsafeMutableBufferPointer { (sum) throws(WireFormatError) in
          try reader.accumulate(
            rotated: layer, key: key, memory: &rotatedMemory, into: UnsafeMutableBufferPointer(rebasing: sum[range]))
        }
      } else if let quantizer = layer.quantizer {
        let isRead = try sum.withUnsafeMutableBufferPointer { (sum) throws(WireFormatError) in
          try reader.accumulate(
            packed: layer, vectorNorm: vectorNorm, threads: memory.threads,
            into: UnsafeMutableBufferPointer(rebasing: sum[range]))
        }
        if isRead { continue }
        try reader.symbols(of: layer, vectorNorm: vectorNorm, into: &symbols)
        sum.withUnsafeMutableBufferPointer { sum in
          var span = UnsafeMutableBufferPointer(rebasing: sum[range]).mutableSpan
          quantizer.accumulate(symbols, into: &span)
        }
      } else {
        try reader.exact(range.count, into: &exact)
        sum.withUnsafeMutableBufferPointer { add(exact, to: UnsafeMutableBufferPointer(rebasing: $0[range])) }
      }
    }
    try reader.finish()
    return reader.header
  }

  /// The norm over all coordinates that quantizers of the scope of the vector round.
  private func sharedNorm(of local: [Float]) -> Float? {
    guard let norm = plan.vectorNorm else { return nil }
    let parts = prepared.layers.filter { $0.quantizer?.scope == .vector }.map { layer in
      norm(local.span.extracting(layer.layer.range))
    }
    return LevelSymbols.canonical(norm.combining(parts))
  }

  private func checkFinite(_ local: [Float], step: UInt64) throws(ExchangeError) {
    for layer in prepared.layers where !Norm.max(local.span.extracting(layer.layer.range)).isFinite {
      throw .nonFinite(layer: layer.layer.name, step: step)
    }
  }
}
