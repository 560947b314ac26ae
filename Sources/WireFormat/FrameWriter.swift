import EntropyCoding
public import Quantization

/// Writes the payload of a frame layer by layer, then closes it.
///
/// The memory of one writer serves all frames of a run.
public struct FrameWriter: Sendable {
  var payload = ByteWriter()
  private var indices: [UInt8] = []
  private var live: [UInt8] = []

  /// The bytes of the payload so far.
  public var payloadSize: Int { payload.bytes.count }

  /// The payload so far.
  package var payloadBytes: [UInt8] { payload.bytes }

  /// Empties the payload, and keeps its memory.
  package mutating func discard() { payload.removeAll() }

  /// A writer with an empty payload.
  public init() {}

  /// Appends the norm that all level quantizers of the scope of the vector share; first in the payload where there is one.
  public mutating func append(vectorNorm: Float) { payload.append(vectorNorm) }

  /// Appends coordinates that travel exactly.
  ///
  /// - Parameter values: The coordinates of a layer.
  /// - Returns: What they took.
  public mutating func append(exact values: Span<Float>) -> LayerTraffic {
    values.withUnsafeBufferPointer { payload.append($0) }
    var traffic = LayerTraffic()
    traffic.symbols = 32 * values.count
    return traffic
  }

  /// Appends the symbols of a quantized layer.
  ///
  /// - Parameters:
  ///   - symbols: What the layer's quantizer made.
  ///   - layer: A quantized layer.
  /// - Returns: What they took.
  public mutating func append(_ symbols: LevelSymbols, of layer: PreparedLayer) -> LayerTraffic {
    guard let quantizer = layer.quantizer, let coder = layer.coder else {
      preconditionFailure("Layer '\(layer.layer.name)' travels exactly")
    }
    var traffic = LayerTraffic()
    if quantizer.scope != .vector {
      payload.append(symbols.norms)
      traffic.norms = 32 * symbols.norms.count
    }
    payload.append(symbols.exact)
    traffic.symbols = 32 * symbols.exact.count
    if symbols.norms.allSatisfy(LevelSymbols.isOrdinary) {
      append(stream: symbols.symbols, coder: coder, traffic: &traffic)
    } else {
      gatherLive(symbols, bucketSize: quantizer.bucketSize(in: layer.layer.range.count))
      append(stream: live, coder: coder, traffic: &traffic)
    }
    return traffic
  }

  /// The frame with `header` around the payload; the writer is then empty again.
  ///
  /// - Parameter header: The header.
  /// - Returns: Header, payload and checksum.
  public mutating func finish(header: FrameHeader) -> [UInt8] {
    var frame = ByteWriter()
    let headerSize = header.size(payloadSize: payload.bytes.count)
    frame.reserve(headerSize + payload.bytes.count + FrameHeader.trailerSize)
    frame.append(header, payloadSize: payload.bytes.count)
    frame.append(payload.bytes)
    frame.append(CRC32C.checksum(frame.bytes[...]))
    payload.removeAll()
    return frame.bytes
  }

  /// Buckets of zeros and exact buckets have no symbols.
  private mutating func gatherLive(_ symbols: LevelSymbols, bucketSize: Int) {
    live.removeAll(keepingCapacity: true)
    for (bucket, norm) in symbols.norms.enumerated() where LevelSymbols.isOrdinary(norm) {
      live += symbols.symbols[bucket * bucketSize..<min((bucket + 1) * bucketSize, symbols.symbols.count)]
    }
  }

  private mutating func append(stream symbols: [UInt8], coder: SymbolCoder, traffic: inout LayerTraffic) {
    if let packing = coder.packing {
      let size = packing.byteCount(of: symbols.count)
      symbols.withUnsafeBufferPointer { source in
        payload.append(count: size) { packing.pack(source, into: $0) }
      }
      traffic.symbols += packing.width * symbols.count
      traffic.overhead += 8 * size - packing.width * symbols.count
      return
    }
    var bits = BitWriter(byteCapacity: symbols.count)
    if coder.hasSigns {
      splitSigns(of: symbols)
      coder.encode(indices.span, to: &bits)
      writeSigns(of: symbols, to: &bits)
    } else {
      coder.encode(symbols.span, to: &bits)
    }
    let bitCount = bits.bitCount
    traffic.symbols += bitCount
    let stream = bits.finish()
    traffic.overhead += 32 + 8 * stream.count - bitCount
    payload.append(UInt32(stream.count))
    payload.append(stream)
  }

  private mutating func splitSigns(of symbols: [UInt8]) {
    if indices.count != symbols.count { indices = [UInt8](repeating: 0, count: symbols.count) }
    indices.withUnsafeMutableBufferPointer { indices in
      symbols.withUnsafeBufferPointer { symbols in
        for i in 0..<symbols.count { indices[i] = symbols[i] & 0x7F }
      }
    }
  }

  private func writeSigns(of symbols: [UInt8], to bits: inout BitWriter) {
    symbols.withUnsafeBufferPointer { symbols in
      var word: UInt64 = 0
      var count: UInt64 = 0
      for symbol in symbols {
        word |= UInt64(symbol >> 7) << count
        count += symbol & 0x7F == 0 ? 0 : 1
        if count == 32 {
          bits.write(word, count: 32)
          word = 0
          count = 0
        }
      }
      bits.write(word, count: Int(count))
    }
  }
}
