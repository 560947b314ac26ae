import LaminaNumerics
import Quantization
import WireFormat

/// Makes and reads whole frames as WireFormat.md specifies, with nothing but the symbols of this module.
struct FrameWorkshop {
  let prepared: PreparedPlan
  let memory: DitheredMemory
  var writer = FrameWriter()

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

  /// The frame of one worker's vector; `scale` is that which the workers share, nil for the vector's own.
  mutating func frame(of vector: [Float], step: UInt64 = 0, rank: UInt16 = 0, scale: Float? = nil) -> Made {
    var made = payload(
      of: vector, key: key(step: step, sender: UInt64(rank)), scale: scale ?? vectorScale(of: vector))
    let square = made.decoded.reduce(0.0) { $0 + Double($1) * Double($1) }
    close(&made, kind: .local, step: step, rank: rank, square: square)
    return made
  }

  /// Writes the layers, those with integers as their sums, which are not decoded.
  mutating func payload(
    of vector: [Float], key: RandomKey, scale: Float?, integers: [Int: DitheredSum] = [:]
  ) -> Made {
    precondition(vector.count == plan.map.dimension, "The vector has another dimension than the plan")
    var made = Made(bytes: [], decoded: [Float](repeating: 0, count: vector.count))
    let shared = vectorNorm(of: vector)
    if let shared {
      writer.append(vectorNorm: shared)
      made.traffic.norms += 32
    }
    if let scale, plan.hasVectorScale {
      writer.append(vectorScale: scale)
      made.traffic.norms += 32
    }
    for (ordinal, layer) in prepared.layers.enumerated() {
      let part = Array(vector[layer.layer.range])
      var traffic: LayerTraffic
      if let sum = integers[ordinal] {
        var memory = memory
        traffic = writer.append(sum, of: layer, memory: &memory)
      } else if let quantizer = layer.quantizer {
        let symbols = quantizer.quantize(
          part.span, key: key.folding(UInt64(ordinal)), vectorNorm: quantizer.scope == .vector ? shared : nil)
        traffic = writer.append(symbols, of: layer)
        add(symbols, of: layer, to: &made.decoded)
      } else if layer.ditheredQuantizer != nil {
        traffic = append(dithered: part, of: layer, key: key.folding(UInt64(ordinal)), scale: scale, to: &made.decoded)
      } else if layer.rotatedQuantizer != nil {
        traffic = append(rotated: part, of: layer, key: key.folding(UInt64(ordinal)), to: &made.decoded)
      } else {
        traffic = writer.append(exact: part.span)
        for i in layer.layer.range { made.decoded[i] += vector[i] }
      }
      made.traffic += traffic
      made.byType[layer.layer.type, default: LayerTraffic()] += traffic
    }
    return made
  }

  /// Puts header and checksum around the payload.
  mutating func close(
    _ made: inout Made, kind: FrameHeader.Kind, step: UInt64, rank: UInt16, square: Double
  ) {
    let header = FrameHeader(
      kind: kind, rank: rank, levelEpoch: plan.levelEpoch, planDigest: plan.digest, step: step,
      squaredNorm: square.isNaN ? .nan : square, squaredChange: square.isNaN ? .nan : square)
    made.framing = header.size(payloadSize: writer.payloadSize) + FrameHeader.trailerSize
    made.bytes = writer.finish(header: header)
  }

  /// The vector of a frame, its values added to zeros; `workers` says that the frame is the sum of so many.
  func decode(
    _ frame: [UInt8], step: UInt64 = 0, rank: Int? = 0, workers: Int? = nil
  ) throws(WireFormatError) -> [Float] {
    var decoded = [Float](repeating: 0, count: plan.map.dimension)
    try read(frame, step: step, rank: rank, workers: workers, into: &decoded) { _, _, _, _ in false }
    return decoded
  }

  /// Reads a frame and adds its values, but of the layers that `isTaken` says it read by itself; it gets the number of a
  /// layer, the layer, the reader, and the scale that the workers share.
  func read(
    _ frame: [UInt8], step: UInt64, rank: Int?, workers: Int? = nil, into decoded: inout [Float],
    isTaken: (Int, PreparedLayer, inout FrameReader, Float?) throws(WireFormatError) -> Bool
  ) throws(WireFormatError) {
    var reader = try FrameReader(
      frame[...], plan: plan, step: step, rank: rank, kind: workers == nil ? .local : .sum)
    if let workers { try reader.workers(expected: workers) }
    let shared = plan.vectorNorm == nil ? nil : try reader.vectorNorm()
    let scale = plan.hasVectorScale ? try reader.vectorNorm() : nil
    let sender = UInt64(reader.header.kind.rawValue) << 32 | UInt64(reader.header.rank)
    let key = key(step: step, sender: sender)
    var memory = memory
    var symbols = LevelSymbols()
    var exact: [Float] = []
    for (ordinal, layer) in prepared.layers.enumerated() {
      if try isTaken(ordinal, layer, &reader, scale) { continue }
      let range = layer.layer.range
      let key = key.folding(UInt64(ordinal))
      if let workers, layer.linearQuantizer(workers: workers) != nil {
        let keys = keys(step: step, workers: workers, layer: ordinal)
        try decoded.withUnsafeMutableBufferPointer { (decoded) throws(WireFormatError) in
          let part = UnsafeMutableBufferPointer(rebasing: decoded[range])
          try reader.accumulate(sumOf: layer, keys: keys, vectorScale: scale, memory: &memory, into: part)
          for i in part.indices { part[i] *= 1 / Float(workers) }
        }
      } else if layer.ditheredQuantizer != nil {
        try decoded.withUnsafeMutableBufferPointer { (decoded) throws(WireFormatError) in
          try reader.accumulate(
            dithered: layer, key: key, vectorScale: scale, memory: &memory,
            into: UnsafeMutableBufferPointer(rebasing: decoded[range]))
        }
      } else if layer.rotatedQuantizer != nil {
        var memory = rotatedMemory
        try decoded.withUnsafeMutableBufferPointer { (decoded) throws(WireFormatError) in
          try reader.accumulate(
            rotated: layer, key: key, memory: &memory, into: UnsafeMutableBufferPointer(rebasing: decoded[range]))
        }
      } else if layer.quantizer != nil {
        try reader.symbols(of: layer, vectorNorm: shared, into: &symbols)
        add(symbols, of: layer, to: &decoded)
      } else {
        try reader.exact(range.count, into: &exact)
        for (i, value) in zip(range, exact) { decoded[i] += value }
      }
    }
    try reader.finish()
  }

  private func vectorNorm(of vector: [Float]) -> Float? {
    guard let norm = plan.vectorNorm else { return nil }
    let parts = prepared.layers.filter { $0.quantizer?.scope == .vector }
      .map { norm(Array(vector[$0.layer.range]).span) }
    return LevelSymbols.canonical(norm.combining(parts))
  }

  func vectorScale(of vector: [Float]) -> Float? {
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

  /// The key of a frame's layers; `sender` is the rank, with the kind of the frame 32 bits above it.
  func key(step: UInt64, sender: UInt64) -> RandomKey { RandomKey(seed: plan.seed).folding(step).folding(sender) }

  /// The keys of a layer, one for each worker.
  func keys(step: UInt64, workers: Int, layer: Int) -> [RandomKey] {
    (0..<workers).map { key(step: step, sender: UInt64($0)).folding(UInt64(layer)) }
  }

  private mutating func append(
    dithered values: [Float], of layer: PreparedLayer, key: RandomKey, scale: Float?, to decoded: inout [Float]
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
