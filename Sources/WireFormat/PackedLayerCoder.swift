import EntropyCoding
import LaminaNumerics
import Quantization

/// Takes a layer with fields of fixed width from coordinates straight to bytes, and from bytes straight into sums.
///
/// The bytes are those that quantizing the layer and packing its symbols make, without an array of symbols: a few
/// kilobytes stay in the cache. Both directions work on any stripe of the layer, so that several threads share one.
/// Buckets of zeros and exact buckets, which have no fields, are left to the general path.
package struct PackedLayerCoder: Sendable {
  /// The quantizer of the layer.
  package let quantizer: LevelQuantizer
  /// The layout of the fields.
  package let packing: VerticalPacking
  private let prepared: PreparedLevels
  private let tier: KernelTier
  private let magnitudes: MagnitudeKernels

  /// Builds the tables of the levels; make one per level epoch.
  package init(_ quantizer: LevelQuantizer, tier: KernelTier = .active) {
    self.quantizer = quantizer
    self.tier = tier
    magnitudes = MagnitudeKernels(tier)
    packing = VerticalPacking(width: quantizer.levels.fieldWidth, hasSign: !quantizer.levels.areSigned)
    prepared = PreparedLevels(quantizer.levels, tier: tier)
  }

  /// How many coordinates the stripes of a layer of `count` are multiples of: whole buckets and whole blocks of fields.
  ///
  /// A layer whose coordinates all share one norm has stripes of whole blocks.
  package func stripe(in count: Int) -> Int {
    guard case .bucket(let size) = quantizer.scope, size < count else { return VerticalPacking.blockSize }
    var (a, b) = (size, VerticalPacking.blockSize)
    while b > 0 { (a, b) = (b, a % b) }
    return size / a * VerticalPacking.blockSize
  }

  /// Writes the norms of the buckets that begin in `stripe`.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the layer.
  ///   - stripe: A stripe of the layer, see ``stripe(in:)``.
  ///   - norms: Receives 4 bytes for every bucket of the layer, at any alignment.
  /// - Returns: Whether all are ordinary.
  package func writeNorms(
    of values: UnsafeBufferPointer<Float>, stripe: Range<Int>, into norms: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let size = quantizer.bucketSize(in: values.count)
    var areOrdinary = true
    for bucket in (stripe.lowerBound + size - 1) / size..<(stripe.upperBound + size - 1) / size {
      let range = bucket * size..<min((bucket + 1) * size, values.count)
      let norm = LevelSymbols.canonical(
        quantizer.norm.of(UnsafeBufferPointer(rebasing: values[range]), kernels: magnitudes))
      norms.storeBytes(of: norm.bitPattern.littleEndian, toByteOffset: 4 * bucket, as: UInt32.self)
      areOrdinary = areOrdinary && LevelSymbols.isOrdinary(norm)
    }
    return areOrdinary
  }

  /// Rounds the coordinates of a stripe, all of whose norms are ordinary, and writes their fields.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the layer.
  ///   - stripe: A stripe of the layer, see ``stripe(in:)``.
  ///   - key: The key of the layer's draws, as for `LevelQuantizer.quantize`.
  ///   - norms: The norms of all buckets, 4 bytes each; one where all coordinates share it.
  ///   - fields: Receives the fields of the stripe at its place among those of the layer.
  ///   - decoded: Receives what the symbols of the stripe stand for, at its place in the layer; nil where nobody wants
  ///     it.
  /// - Returns: What `decoded` says of the stripe.
  @discardableResult
  package func encode(
    _ values: UnsafeBufferPointer<Float>, stripe: Range<Int>, key: RandomKey, norms: UnsafeRawBufferPointer,
    into fields: UnsafeMutableRawBufferPointer, decoded: DecodedLayer? = nil
  ) -> VectorTally {
    var tally = VectorTally()
    let size = quantizer.bucketSize(in: values.count)
    var rest = stripe
    if decoded == nil, size % VerticalPacking.blockSize == 0 {
      let end = stripe.lowerBound + stripe.count / VerticalPacking.blockSize * VerticalPacking.blockSize
      rest = end..<stripe.upperBound
      forEachPiece(of: stripe.lowerBound..<end, bucketSize: size) { piece in
        prepared.roundAndPack(
          UnsafeBufferPointer(rebasing: values[piece.range]), norm: piece.norm(norms),
          stream: stream(of: piece, key: key), width: packing.width,
          into: UnsafeMutableRawBufferPointer(rebasing: fields[packing.byteCount(of: piece.range.lowerBound)...]))
      }
    }
    forEachChunk(of: rest) { chunk, buffer in
      forEachPiece(of: chunk, bucketSize: size) { piece in
        round(values, piece: piece, key: key, norms: norms, chunk: chunk, into: buffer)
        guard let decoded else { return }
        prepared.decode(
          UnsafeBufferPointer(buffer.symbols(of: piece.range, in: chunk)), norm: piece.norm(norms),
          into: UnsafeMutableBufferPointer(rebasing: decoded.values[piece.range]))
      }
      packing.pack(
        UnsafeBufferPointer(buffer.symbols(of: chunk, in: chunk)),
        into: UnsafeMutableRawBufferPointer(rebasing: fields[packing.byteCount(of: chunk.lowerBound)...]), tier: tier)
      if let decoded {
        tally.add(decoded[chunk], wanted: UnsafeBufferPointer(rebasing: values[chunk]), tier: tier)
      }
      return true
    }
    return tally
  }

  /// Adds what the fields of a stripe stand for to `sums`, or writes it where there are no sums yet.
  ///
  /// - Parameters:
  ///   - fields: The fields of the layer.
  ///   - stripe: A stripe of the layer, see ``stripe(in:)``.
  ///   - norms: The norms of all buckets, all ordinary, 4 bytes each; one where all coordinates share it.
  ///   - sums: The coordinates of the layer.
  ///   - isFirst: Whether the sums start from 0, whatever they hold.
  /// - Returns: Whether every field is a symbol; where one is not, the sums of the stripe are unspecified.
  package func accumulate(
    _ fields: UnsafeRawBufferPointer, stripe: Range<Int>, norms: UnsafeRawBufferPointer,
    into sums: UnsafeMutableBufferPointer<Float>, isFirst: Bool = false
  ) -> Bool {
    let size = quantizer.bucketSize(in: sums.count)
    return forEachChunk(of: stripe) { chunk, buffer in
      let largest = packing.unpack(
        UnsafeRawBufferPointer(rebasing: fields[packing.byteCount(of: chunk.lowerBound)...]),
        into: buffer.symbols(of: chunk, in: chunk), tier: tier)
      guard Int(largest) < quantizer.levels.count else { return false }
      forEachPiece(of: chunk, bucketSize: size) { piece in
        let source = UnsafeBufferPointer(buffer.symbols(of: piece.range, in: chunk))
        let target = UnsafeMutableBufferPointer(rebasing: sums[piece.range])
        if isFirst {
          prepared.decode(source, norm: piece.norm(norms), into: target)
        } else {
          prepared.accumulate(source, norm: piece.norm(norms), into: target)
        }
      }
      return true
    }
  }

  /// Rounds a piece. One that begins within a block of draws is rounded from the start of that block on.
  private func round(
    _ values: UnsafeBufferPointer<Float>, piece: Piece, key: RandomKey, norms: UnsafeRawBufferPointer,
    chunk: Range<Int>, into buffer: ChunkBuffer
  ) {
    let lead = piece.offset % ChunkBuffer.lead
    let range = piece.range.lowerBound - lead..<piece.range.upperBound
    prepared.round(
      UnsafeBufferPointer(rebasing: values[range]), norm: piece.norm(norms),
      stream: stream(of: piece, key: key, lead: lead),
      into: buffer.symbols(of: range, in: chunk))
  }

  private func stream(of piece: Piece, key: RandomKey, lead: Int = 0) -> RoundingStream {
    RoundingStream(key: key.folding(UInt64(piece.bucket))).advanced(to: piece.offset - lead)
  }
}

/// The part of a bucket that lies in a stripe or a chunk.
private struct Piece {
  let bucket: Int
  /// Of the first coordinate within the bucket.
  let offset: Int
  let range: Range<Int>

  func norm(_ norms: UnsafeRawBufferPointer) -> Float {
    Float(bitPattern: UInt32(littleEndian: norms.loadUnaligned(fromByteOffset: 4 * bucket, as: UInt32.self)))
  }
}

@inline(__always)
private func forEachPiece(of range: Range<Int>, bucketSize: Int, _ body: (Piece) -> Void) {
  var start = range.lowerBound
  while start < range.upperBound {
    let bucket = start / bucketSize
    let end = min((bucket + 1) * bucketSize, range.upperBound)
    body(Piece(bucket: bucket, offset: start - bucket * bucketSize, range: start..<end))
    start = end
  }
}

/// Room for the symbols of some blocks, with a block of draws in front.
private struct ChunkBuffer {
  static let size = 2 * VerticalPacking.blockSize
  static let lead = 32

  let bytes: UnsafeMutableBufferPointer<UInt8>

  /// The symbols of `range`, which begins less than a block of draws before `chunk` and ends within.
  func symbols(of range: Range<Int>, in chunk: Range<Int>) -> UnsafeMutableBufferPointer<UInt8> {
    let start = range.lowerBound - chunk.lowerBound + Self.lead
    return UnsafeMutableBufferPointer(rebasing: bytes[start..<start + range.count])
  }
}

/// Hands out whole blocks, the last with what remains, until `body` returns false.
@inline(__always) @discardableResult
private func forEachChunk(of range: Range<Int>, _ body: (Range<Int>, ChunkBuffer) -> Bool) -> Bool {
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ChunkBuffer.size + ChunkBuffer.lead) { bytes in
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + ChunkBuffer.size, range.upperBound)
      guard body(start..<end, ChunkBuffer(bytes: bytes)) else { return false }
      start = end
    }
    return true
  }
}
