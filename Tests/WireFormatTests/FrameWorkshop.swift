import LaminaNumerics
import Quantization
import WireFormat

/// Makes and reads whole frames as WireFormat.md specifies, with nothing but the symbols of this module.
struct FrameWorkshop {
  let prepared: PreparedPlan
  private let memory: DitheredMemory
  private var writer = FrameWriter()

  /// A frame with what its maker knows.
  struct Made {
    var bytes: [UInt8]
    var decoded: [Float]
    /// The bytes of header and checksum.
    var framing = 0
    var traffic = LayerTraffic()
    var byType: [LayerType: LayerTraffic] = [:]
  }

  init(_ plan: QuantizationPlan, memory: DitheredMemory = DitheredMemory()) {
    prepared = PreparedPlan(plan)
    self.memory = memory
  }

  var plan: QuantizationPlan { prepared.plan }

  mutating func frame(of vector: [Float], step: UInt64 = 0, rank: UInt16 = 0) -> Made {
    precondition(vector.count == plan.map.dimension, "The vector has another dimension than the plan")
    var made = Made(bytes: [], decoded: [Float](repeating: 0, count: vector.count))
    let shared = vectorNorm(of: vector)
    if let shared {
      writer.append(vectorNorm: shared)
      made.traffic.norms += 32
    }
    let scale = vectorScale(of: vector)
    if let scale {
      writer.append(vectorScale: scale)
      made.traffic.norms += 32
    }
    let key = key(step: step, rank: UInt64(rank))
    for (ordinal, layer) in prepared.layers.enumerated() {
      let part = Array(vector[layer.layer.range])
      var traffic: LayerTraffic
      if let quantizer = layer.quantizer {
        let symbols = quantizer.quantize(
          part.span, key: key.folding(UInt64(ordinal)), vectorNorm: quantizer.scope == .vector ? shared : nil)
        traffic = writer.append(symbols, of: layer)
        add(symbols, of: layer, to: &made.decoded)
      } else if let quantizer = layer.ditheredQuantizer {
        traffic = append(
          part, of: layer, quantizer, key: key.folding(UInt64(ordinal)), scale: scale, to: &made.decoded)
      } else if layer.rotatedQuantizer != nil {
        traffic = append(rotated: part, of: layer, key: key.folding(UInt64(ordinal)), to: &made.decoded)
      } else {
        traffic = writer.append(exact: part.span)
        for i in layer.layer.range { made.decoded[i] += vector[i] }
      }
      made.traffic += traffic
      made.byType[layer.layer.type, default: LayerTraffic()] += traffic
    }
    let square = made.decoded.reduce(0.0) { $0 + Double($1) * Double($1) }
    let header = FrameHeader(
      kind: .local, rank: rank, levelEpoch: plan.levelEpoch, planDigest: plan.digest, step: step,
      squaredNorm: square.isNaN ? .nan : square, squaredChange: square.isNaN ? .nan : square)
    made.framing = header.size(payloadSize: writer.payloadSize) + FrameHeader.trailerSize
    made.bytes = writer.finish(header: header)
    return made
  }

  /// The vector of a frame: its values added to zeros.
  func decode(_ frame: [UInt8], step: UInt64 = 0, rank: Int? = 0) throws(WireFormatError) -> [Float] {
    var reader = try FrameReader(frame[...], plan: plan, step: step, rank: rank)
    let shared = plan.vectorNorm == nil ? nil : try reader.vectorNorm()
    let scale = plan.hasVectorScale ? try reader.vectorNorm() : nil
    let key = key(step: step, rank: UInt64(reader.header.rank))
    var memory = memory
    var decoded = [Float](repeating: 0, count: plan.map.dimension)
    var symbols = LevelSymbols()
    var exact: [Float] = []
    for (ordinal, layer) in prepared.layers.enumerated() {
      if layer.ditheredQuantizer != nil {
        try decoded.withUnsafeMutableBufferPointer { (decoded) throws(WireFormatError) in
          try reader.accumulate(
            dithered: layer, key: key.folding(UInt64(ordinal)), vectorScale: scale, memory: &memory,
            into: UnsafeMutableBufferPointer(rebasing: decoded[layer.layer.range]))
        }
      } else if layer.rotatedQuantizer != nil {
        var memory = rotatedMemory
        try decoded.withUnsafeMutableBufferPointer { (decoded) throws(WireFormatError) in
          try reader.accumulate(
            rotated: layer, key: key.folding(UInt64(ordinal)), memory: &memory,
            into: UnsafeMutableBufferPointer(rebasing: decoded[layer.layer.range]))
        }
      } else if layer.quantizer != nil {
        try reader.symbols(of: layer, vectorNorm: shared, into: &symbols)
        add(symbols, of: layer, to: &decoded)
      } else {
        try reader.exact(layer.layer.range.count, into: &exact)
        for (i, value) in zip(layer.layer.range, exact) { decoded[i] += value }
      }
    }
    try reader.finish()
    return decoded
  }

  private func vectorNorm(of vector: [Float]) -> Float? {
    guard let norm = plan.vectorNorm else { return nil }
    let parts = prepared.layers.filter { $0.quantizer?.scope == .vector }
      .map { norm(Array(vector[$0.layer.range]).span) }
    return LevelSymbols.canonical(norm.combining(parts))
  }

  private func vectorScale(of vector: [Float]) -> Float? {
    guard plan.hasVectorScale else { return nil }
    var scale = RootMeanSquare()
    for layer in prepared.layers {
      guard let quantizer = layer.ditheredQuantizer, quantizer.scope == .vector else { continue }
      vector.withUnsafeBufferPointer {
        scale.add(UnsafeBufferPointer(rebasing: $0[layer.layer.range]), bucketSize: quantizer.bucketSize)
      }
    }
    return scale.scale
  }

  private func key(step: UInt64, rank: UInt64) -> RandomKey {
    RandomKey(seed: plan.seed).folding(step).folding(rank)
  }

  private mutating func append(
    _ values: [Float], of layer: PreparedLayer, _ quantizer: DitheredQuantizer, key: RandomKey, scale: Float?,
    to decoded: inout [Float]
  ) -> LayerTraffic {
    var memory = memory
    var tally = VectorTally()
    return decoded.withUnsafeMutableBufferPointer { decoded in
      let decoded = UnsafeMutableBufferPointer(rebasing: decoded[layer.layer.range])
      return values.withUnsafeBufferPointer { values in
        writer.append(
          dithered: values, of: layer, key: key, vectorScale: scale, memory: &memory,
          decoded: DecodedLayer(values: decoded, before: values), tally: &tally
        ).traffic
      }
    }
  }

  private mutating func append(
    rotated values: [Float], of layer: PreparedLayer, key: RandomKey, to decoded: inout [Float]
  ) -> LayerTraffic {
    var memory = rotatedMemory
    return decoded.withUnsafeMutableBufferPointer { decoded in
      let decoded = UnsafeMutableBufferPointer(rebasing: decoded[layer.layer.range])
      return values.withUnsafeBufferPointer { values in
        writer.append(rotated: values, of: layer, key: key, memory: &memory, decoded: decoded).traffic
      }
    }
  }

  private var rotatedMemory: RotatedMemory { RotatedMemory(threads: memory.threads, tier: memory.tier) }

  private func add(_ symbols: LevelSymbols, of layer: PreparedLayer, to sum: inout [Float]) {
    guard let quantizer = layer.quantizer else { return }
    sum.withUnsafeMutableBufferPointer { sum in
      var span = UnsafeMutableBufferPointer(rebasing: sum[layer.layer.range]).mutableSpan
      quantizer.accumulate(symbols, into: &span)
    }
  }
}

/// The vector as bit patterns, so that NaN and the sign of zero count.
func patterns(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
