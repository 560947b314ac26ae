import EntropyCoding
public import LaminaNumerics
import Quantization

// Rotated layers: scales of all blocks, exact coordinates, then the fields of all live symbols, padding included.
// WireFormat.md, section "Rotated layers".

extension FrameWriter {
  /// Quantizes and appends a rotated layer.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the layer.
  ///   - layer: A rotated layer.
  ///   - key: The key of the layer.
  ///   - memory: The threads that share the layer, and their memory.
  ///   - decoded: Receives what the receivers decode, one number for every coordinate; nil where nobody wants it.
  /// - Returns: What the layer took, and how many of its blocks travel exactly.
  public mutating func append(
    rotated values: UnsafeBufferPointer<Float>, of layer: PreparedLayer, key: RandomKey, memory: inout RotatedMemory,
    decoded: UnsafeMutableBufferPointer<Float>? = nil
  ) -> (traffic: LayerTraffic, exactBuckets: Int) {
    guard let quantizer = layer.rotatedQuantizer else {
      preconditionFailure("Layer '\(layer.layer.name)' is not rotated")
    }
    let blocks = RotatedBlocks(quantizer: quantizer, count: values.count, key: key)
    memory.scales.removeAll(keepingCapacity: true)
    memory.scales.append(contentsOf: repeatElement(0, count: blocks.blockCount))
    memory.symbols.resize(to: quantizer.symbolCount(of: values.count))
    blocks.quantize(values, memory: &memory, decoded: decoded)

    var traffic = LayerTraffic()
    let start = payload.bytes.count
    payload.append(memory.scales)
    traffic.norms = 32 * memory.scales.count
    for (block, scale) in memory.scales.enumerated() {
      let range = blocks.range(of: block)
      if scale.isNaN {
        payload.append(UnsafeBufferPointer(rebasing: values[range]))
        traffic.symbols += 32 * range.count
      } else if scale != 0 {
        traffic.symbols += quantizer.bits * range.count
      }
    }
    blocks.dropDeadSymbols(&memory)
    let packing = VerticalPacking(width: quantizer.bits, hasSign: false)
    let size = packing.byteCount(of: memory.symbols.count)
    memory.symbols.withUnsafeBufferPointer { symbols in
      payload.append(count: size) { packing.pack(symbols, into: $0, tier: memory.tier) }
    }
    // The symbols of padding coordinates.
    traffic.overhead = 8 * (payload.bytes.count - start) - traffic.total
    return (traffic, memory.exactBlockCount)
  }
}

extension FrameReader {
  /// Reads a rotated layer and adds it to a sum.
  ///
  /// - Parameters:
  ///   - layer: A rotated layer of the receiver's plan.
  ///   - key: The key of the layer, the sender's.
  ///   - memory: The threads that share the layer, and their memory.
  ///   - sums: The running sums of the layer's coordinates.
  /// - Throws: ``WireFormatError``; nothing of the layer was added then.
  public mutating func accumulate(
    rotated layer: PreparedLayer, key: RandomKey, memory: inout RotatedMemory,
    into sums: UnsafeMutableBufferPointer<Float>
  ) throws(WireFormatError) {
    guard let quantizer = layer.rotatedQuantizer else {
      preconditionFailure("Layer '\(layer.layer.name)' is not rotated")
    }
    let blocks = RotatedBlocks(quantizer: quantizer, count: sums.count, key: key)
    memory.scales.removeAll(keepingCapacity: true)
    memory.exact.removeAll(keepingCapacity: true)
    try payload.floats(blocks.blockCount, appendingTo: &memory.scales)
    guard memory.scales.allSatisfy(LevelSymbols.isValid) else { throw .invalidNorm(layer: layer.layer.name) }
    try payload.floats(blocks.exactCount(memory.scales), appendingTo: &memory.exact)
    let live = blocks.liveSymbolCount(memory.scales)
    let packing = VerticalPacking(width: quantizer.bits, hasSign: false)
    let fields = try payload.slice(packing.byteCount(of: live))
    // Blocks of a multiple of 128 symbols leave no bits behind the last field. The fields are there, so that the memory
    // of their symbols follows the bytes, whatever the plan says.
    memory.symbols.resize(to: live)
    fields.withUnsafeBytes { source in
      // Every field of b bits is the index of one of 2ᵇ centroids.
      memory.symbols.withUnsafeMutableBufferPointer { _ = packing.unpack(source, into: $0, tier: memory.tier) }
    }
    blocks.accumulate(memory, into: sums)
  }
}

/// The blocks of one rotated layer.
private struct RotatedBlocks: Sendable {
  let quantizer: EDENQuantizer
  /// The coordinates of the layer.
  let count: Int
  let key: RandomKey

  var blockCount: Int { quantizer.blockCount(of: count) }

  func range(of block: Int) -> Range<Int> { quantizer.range(of: block, in: count) }

  private func symbolCount(of block: Int) -> Int { quantizer.symbolRange(of: block, in: count).count }

  /// The coordinates that travel exactly.
  func exactCount(_ scales: [Float]) -> Int { sum(scales, where: \.isNaN) { range(of: $0).count } }

  /// The symbols that travel.
  func liveSymbolCount(_ scales: [Float]) -> Int { sum(scales, where: LevelSymbols.isOrdinary, symbolCount(of:)) }

  private func sum(_ scales: [Float], where isCounted: (Float) -> Bool, _ size: (Int) -> Int) -> Int {
    scales.enumerated().reduce(0) { $0 + (isCounted($1.element) ? size($1.offset) : 0) }
  }

  /// Fills the scales, and the symbols at the places of their blocks, and decodes them.
  func quantize(
    _ values: UnsafeBufferPointer<Float>, memory: inout RotatedMemory, decoded: UnsafeMutableBufferPointer<Float>?
  ) {
    let threads = memory.threads
    var scales: [Float] = []
    swap(&scales, &memory.scales)
    defer { swap(&scales, &memory.scales) }
    scales.withUnsafeMutableBufferPointer { scales in
      memory.symbols.withUnsafeMutableBufferPointer { symbols in
        let layer = RotatedBuffers(values: values, scales: scales, symbols: symbols, decoded: decoded)
        SharedWork.perform(count: blockCount, threads: threads) { _, block in quantize(block, layer) }
      }
    }
  }

  private func quantize(_ block: Int, _ layer: RotatedBuffers) {
    let values = UnsafeBufferPointer(rebasing: layer.values[range(of: block)])
    let symbols = UnsafeMutableBufferPointer(rebasing: layer.symbols[quantizer.symbolRange(of: block, in: count)])
    let key = key.folding(UInt64(block))
    let scale = quantizer.quantize(values, key: key, into: symbols)
    layer.scales[block] = scale
    guard let decoded = layer.decoded else { return }
    let sums = UnsafeMutableBufferPointer(rebasing: decoded[range(of: block)])
    sums.update(repeating: 0)
    if scale.isNaN {
      for i in sums.indices { sums[i] += values[i] }
    } else if scale != 0 {
      quantizer.accumulate(UnsafeBufferPointer(symbols), scale: scale, key: key, into: sums)
    }
  }

  /// Moves the symbols of the blocks with ordinary scales together.
  func dropDeadSymbols(_ memory: inout RotatedMemory) {
    guard !memory.scales.allSatisfy(LevelSymbols.isOrdinary) else { return }
    var live: [UInt8] = []
    live.reserveCapacity(memory.symbols.count)
    for (block, scale) in memory.scales.enumerated() where LevelSymbols.isOrdinary(scale) {
      live += memory.symbols[quantizer.symbolRange(of: block, in: count)]
    }
    memory.symbols = live
  }

  /// Adds what scales, exact coordinates and live symbols stand for.
  func accumulate(_ memory: RotatedMemory, into sums: UnsafeMutableBufferPointer<Float>) {
    // Where the symbols of each block begin, or its exact coordinates.
    var (live, exact) = (0, 0)
    let starts = memory.scales.enumerated().map { block, scale in
      if scale.isNaN {
        defer { exact += range(of: block).count }
        return exact
      }
      defer { live += scale == 0 ? 0 : symbolCount(of: block) }
      return live
    }
    let target = SharedSums(sums)
    SharedWork.perform(count: blockCount, threads: memory.threads) { _, block in
      let (scale, start) = (memory.scales[block], starts[block])
      let sums = target.part(range(of: block))
      if scale.isNaN {
        for i in sums.indices { sums[i] += memory.exact[start + i] }
      } else if scale != 0 {
        memory.symbols.withUnsafeBufferPointer { symbols in
          quantizer.accumulate(
            UnsafeBufferPointer(rebasing: symbols[start..<start + symbolCount(of: block)]), scale: scale,
            key: key.folding(UInt64(block)), into: sums)
        }
      }
    }
  }
}

/// The memory of a layer that is quantized, of which every block has its own part.
private struct RotatedBuffers: @unchecked Sendable {
  // Unchecked: blocks do not overlap, and the memory outlives the work.
  let values: UnsafeBufferPointer<Float>
  let scales: UnsafeMutableBufferPointer<Float>
  let symbols: UnsafeMutableBufferPointer<UInt8>
  let decoded: UnsafeMutableBufferPointer<Float>?
}

/// The sums of a layer, of which every block has its own part.
private struct SharedSums: @unchecked Sendable {
  // Unchecked: blocks do not overlap, and the memory outlives the work.
  private let sums: UnsafeMutableBufferPointer<Float>

  init(_ sums: UnsafeMutableBufferPointer<Float>) { self.sums = sums }

  func part(_ range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: sums[range])
  }
}
