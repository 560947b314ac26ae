import LaminaNumerics
import Quantization

// Layers with fields of fixed width whose norms are all ordinary, which are nearly all: from coordinates to the bytes of
// a frame and back without an array of symbols, stripe by stripe, on several threads. Others take the general path; the
// bytes are the same.

extension FrameWriter {
  /// Quantizes and appends a packed layer.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the layer.
  ///   - layer: A quantized layer.
  ///   - key: The key of the layer.
  ///   - vectorNorm: The norm of the vector, where the layer's quantizer has that scope.
  ///   - threads: How many threads share the layer, at least 1; the bytes do not depend on it.
  ///   - decoded: Receives what the receivers decode; nil where nobody wants it.
  ///   - norms: Receives the norms, in the place of its contents.
  ///   - tally: What `decoded` says of `values` is added to it.
  /// - Returns: What the layer took; nil, and nothing is appended, where it is to take the general path.
  package mutating func append(
    packed values: UnsafeBufferPointer<Float>, of layer: PreparedLayer, key: RandomKey, vectorNorm: Float?,
    threads: Int, decoded: DecodedLayer?, norms: inout [Float], tally: inout VectorTally
  ) -> LayerTraffic? {
    guard let coder = layer.packed else { return nil }
    let count = values.count
    let fieldBytes = coder.packing.byteCount(of: count)
    norms.removeAll(keepingCapacity: true)
    norms.append(
      contentsOf: repeatElement(vectorNorm ?? 0, count: max(1, coder.quantizer.scope.normCount(in: count))))
    let hasOwnNorms = coder.quantizer.scope != .vector
    let start = payload.bytes.count
    if hasOwnNorms { payload.append(norms) }
    var took: VectorTally?
    payload.append(count: fieldBytes) { fields in
      took = norms.withUnsafeMutableBytes { norms in
        let striping = PackedStriping(coder: coder, count: count, threads: threads)
        return striping.encode(
          values, key: key, hasOwnNorms: hasOwnNorms, norms: norms, fields: fields, decoded: decoded)
      }
    }
    guard let took else {
      payload.truncate(to: start)
      return nil
    }
    tally += took
    var traffic = LayerTraffic()
    if hasOwnNorms {
      payload.replace(at: start, with: norms)
      traffic.norms = 32 * norms.count
    }
    traffic.symbols = coder.packing.width * count
    traffic.overhead = 8 * fieldBytes - traffic.symbols
    return traffic
  }
}

extension FrameReader {
  /// Reads a packed layer and adds it to a sum.
  ///
  /// - Parameters:
  ///   - layer: A quantized layer of the receiver's plan.
  ///   - vectorNorm: The norm of the vector, where the layer's quantizer has that scope.
  ///   - threads: How many threads share the layer, at least 1; the sums do not depend on it.
  ///   - sums: The running sums of the layer's coordinates.
  /// - Returns: Whether the layer was read; if not, nothing was, and it is to take the general path.
  /// - Throws: ``WireFormatError``; parts of the layer may have been added.
  package mutating func accumulate(
    packed layer: PreparedLayer, vectorNorm: Float?, threads: Int, into sums: UnsafeMutableBufferPointer<Float>
  ) throws(WireFormatError) -> Bool {
    guard let coder = layer.packed else { return false }
    let name = layer.layer.name
    var attempt = payload
    var norms: [Float] = []
    if coder.quantizer.scope == .vector {
      norms.append(vectorNorm ?? LevelSymbols.exactMark)
    } else {
      try attempt.floats(coder.quantizer.scope.normCount(in: sums.count), appendingTo: &norms)
    }
    guard norms.allSatisfy(LevelSymbols.isOrdinary) else { return false }
    let fields = try attempt.slice(coder.packing.byteCount(of: sums.count))
    guard coder.packing.hasZeroPadding(fields, count: sums.count) else { throw .payload(layer: name, .nonzeroPadding) }
    let striping = PackedStriping(coder: coder, count: sums.count, threads: threads)
    let areSymbols = fields.withUnsafeBytes { fields in
      norms.withUnsafeBytes { striping.accumulate(fields, norms: $0, into: sums) }
    }
    guard areSymbols else { throw .levelOutOfRange(layer: name) }
    payload = attempt
    return true
  }
}

/// The stripes of one layer, and who does them.
private struct PackedStriping {
  let coder: PackedLayerCoder
  let count: Int
  let threads: Int

  /// Coordinates of a stripe that the first-level cache holds between norms and rounding.
  private static let nearby = 1024
  /// Coordinates that are worth a thread's turn.
  private static let turn = 1 << 16

  /// The stripe of about `size` coordinates.
  private func stripe(_ size: Int) -> Int {
    let least = coder.stripe(in: count)
    return max(1, size / least) * least
  }

  /// How many turns a layer takes.
  private var turnCount: Int { (count + stripe(Self.turn) - 1) / stripe(Self.turn) }

  /// Runs `body` for the stripes of all turns until it fails, and says whether it never did.
  private func forEachStripe(of size: Int, _ body: @Sendable (_ turn: Int, Range<Int>) -> Bool) -> Bool {
    let (turn, stripe) = (stripe(Self.turn), stripe(size))
    let failures = FailureCount()
    SharedWork.perform(count: turnCount, threads: threads) { _, number in
      let end = min((number + 1) * turn, count)
      for start in Swift.stride(from: number * turn, to: end, by: stripe) {
        if !body(number, start..<min(start + stripe, end)) { return failures.add() }
      }
    }
    return failures.isZero
  }

  /// Encodes all stripes; nil where a norm is not ordinary.
  func encode(
    _ values: UnsafeBufferPointer<Float>, key: RandomKey, hasOwnNorms: Bool, norms: UnsafeMutableRawBufferPointer,
    fields: UnsafeMutableRawBufferPointer, decoded: DecodedLayer?
  ) -> VectorTally? {
    let coder = self.coder
    // A norm that stripes share is there before the first of them.
    let isShared = norms.count == 4
    if isShared {
      if hasOwnNorms { _ = coder.writeNorms(of: values, stripe: 0..<count, into: norms) }
      guard LevelSymbols.isOrdinary(norms.load(as: Float.self)) else { return nil }
    }
    return withUnsafeTemporaryAllocation(of: VectorTally.self, capacity: turnCount) { tallies in
      tallies.initialize(repeating: VectorTally())
      let work = EncodingBuffers(values: values, norms: norms, fields: fields, decoded: decoded, tallies: tallies)
      let areOrdinary = forEachStripe(of: Self.nearby) { turn, stripe in
        guard isShared || coder.writeNorms(of: work.values, stripe: stripe, into: work.norms) else { return false }
        work.tallies[turn] += coder.encode(
          work.values, stripe: stripe, key: key, norms: UnsafeRawBufferPointer(work.norms), into: work.fields,
          decoded: work.decoded)
        return true
      }
      return areOrdinary ? tallies.reduce(into: VectorTally()) { $0 += $1 } : nil
    }
  }

  func accumulate(
    _ fields: UnsafeRawBufferPointer, norms: UnsafeRawBufferPointer, into sums: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    let work = DecodingBuffers(fields: fields, norms: norms, sums: sums)
    let coder = self.coder
    return forEachStripe(of: Self.turn) { _, stripe in
      coder.accumulate(work.fields, stripe: stripe, norms: work.norms, into: work.sums)
    }
  }
}

/// The memory of one layer that is written, of which every stripe has its own part, and every turn its own tally.
private struct EncodingBuffers: @unchecked Sendable {
  // Unchecked: stripes do not overlap, a turn is one thread's, and the memory outlives the work.
  let values: UnsafeBufferPointer<Float>
  let norms: UnsafeMutableRawBufferPointer
  let fields: UnsafeMutableRawBufferPointer
  let decoded: DecodedLayer?
  let tallies: UnsafeMutableBufferPointer<VectorTally>
}

/// The memory of one layer that is read, of which every stripe has its own part.
private struct DecodingBuffers: @unchecked Sendable {
  // Unchecked: stripes do not overlap, and the memory outlives the work.
  let fields: UnsafeRawBufferPointer
  let norms: UnsafeRawBufferPointer
  let sums: UnsafeMutableBufferPointer<Float>
}
