public import LaminaNumerics

/// Rotation and nearest rounding: normal centroids after a random rotation, with a scale that removes the bias.
///
/// A block x is rotated to y = Rx, whose coordinates are close to normal with variance ‖x‖²/n. Each becomes the index of
/// the nearest Lloyd-Max centroid C of y√n/‖x‖, and decodes to Rᵀ(S·C) with S = ‖x‖²/⟨y, C⟩. EDEN, arXiv 2108.08842;
/// with 1 bit it is DRIVE, arXiv 2105.08339.
///
/// The error depends on the input hardly at all: E‖Q(x) − x‖² tends to D/(1 − D)·‖x‖² with D the distortion of the
/// codebook, .571, .133, .0358, .00959 and .00251 at 1 to 5 bits. Prefer it below about 1.5 bits and where symbols of
/// fixed width are wanted; from 2 bits on a dithered quantizer with an entropy coder has less error at the same rate.
///
/// ## Laws
/// - ⟨x, Q(x)⟩ = ‖x‖² to rounding, for every key.
/// - E Q(x) = x in the limit of large blocks of many coordinates of similar size. It is exact for uniformly random
///   rotations; one round of signs and transform leaves a bias on vectors with a few large coordinates, which
///   `rounds: 2` removes but for O(1/n).
/// - A block of zeros decodes to zeros; a block with a coordinate that is not finite decodes to itself.
/// - The same key gives the same symbols on every platform, and the centroids need not travel.
public struct EDENQuantizer: Hashable, Sendable {
  /// The width of a symbol, from 1 to 8.
  public let bits: Int
  /// The largest number of coordinates rotated together, a power of two.
  public let blockSize: Int
  /// The rotation.
  public let rotation: RandomisedHadamard

  /// A quantizer.
  ///
  /// - Parameters:
  ///   - bits: The width of a symbol, from 1 to 8.
  ///   - blockSize: The largest number of coordinates rotated together, a power of two up to 2²⁴. The last block of a
  ///     layer, which may be its only one, is padded with zeros to the next power of two.
  ///   - rounds: How often signs are drawn and the transform is applied, from 1 to 4.
  public init(bits: Int, blockSize: Int = 4096, rounds: Int = 1) {
    precondition((1...8).contains(bits), "A symbol has 1 to 8 bits, not \(bits)")
    precondition(
      blockSize > 0 && blockSize & (blockSize - 1) == 0 && blockSize <= RandomisedHadamard.largestBlock,
      "A block has 2⁰ to 2²⁴ coordinates, not \(blockSize)")
    self.bits = bits
    self.blockSize = blockSize
    rotation = RandomisedHadamard(rounds: rounds)
  }

  /// D/(1 − D), the relative error that large blocks tend to.
  public var expectedRelativeError: Double {
    let distortion = NormalCodebook.of(bits: bits).distortion
    return distortion / (1 - distortion)
  }

  /// The values that the symbols stand for, in units of the scale: 2ᵇ increasing numbers.
  public var centroids: [Float] { NormalCodebook.of(bits: bits).centroids }

  /// How many symbols a layer of `count` coordinates has, padding included.
  ///
  /// - Parameter count: The number of coordinates.
  /// - Returns: A number from `count` to less than twice `count`.
  public func symbolCount(of count: Int) -> Int {
    count - count % blockSize + EDENQuantizer.padded(count % blockSize)
  }

  /// How many blocks, and thus scales, a layer of `count` coordinates has.
  public func blockCount(of count: Int) -> Int { (count + blockSize - 1) / blockSize }

  /// The symbols of `vector`.
  ///
  /// - Parameters:
  ///   - vector: The coordinates of one layer.
  ///   - key: Names the rotations; block b uses `key.folding(b)`.
  /// - Returns: As many symbols as ``symbolCount(of:)`` says, and one scale per block.
  public func quantize(_ vector: Span<Float>, key: RandomKey) -> RotatedSymbols {
    var out = RotatedSymbols()
    out.symbols = Array(repeating: 0, count: symbolCount(of: vector.count))
    let codebook = NormalCodebook.of(bits: bits)
    var scratch = [Float](repeating: 0, count: min(blockSize, out.symbols.count))
    vector.withUnsafeBufferPointer { values in
      out.symbols.withUnsafeMutableBufferPointer { symbols in
        scratch.withUnsafeMutableBufferPointer { scratch in
          for (block, start) in stride(from: 0, to: values.count, by: blockSize).enumerated() {
            let coordinates = values[start..<min(start + blockSize, values.count)]
            let padded = EDENQuantizer.padded(coordinates.count)
            let rotated = UnsafeMutableBufferPointer(rebasing: scratch[..<padded])
            let end = rotated.update(fromContentsOf: coordinates)
            rotated[end...].update(repeating: 0)
            let norm = LevelSymbols.canonical(Norm.l2(Span(_unsafeElements: UnsafeBufferPointer(rotated))))
            if LevelSymbols.isOrdinary(norm) {
              rotation.apply(rotated, key: key.folding(UInt64(block)))
              let product = codebook.round(
                UnsafeBufferPointer(rotated), factor: Float(Double(padded).squareRoot() / Double(norm)),
                into: UnsafeMutableBufferPointer(rebasing: symbols[start..<start + padded]))
              out.scales.append(Float(Double(norm) * Double(norm) / product))
            } else {
              out.scales.append(norm)
              if norm.isNaN { out.exact.append(contentsOf: coordinates) }
            }
          }
        }
      }
    }
    return out
  }

  /// Adds the vector that `symbols` stand for to `sum`.
  ///
  /// - Parameters:
  ///   - symbols: Symbols of a layer of `sum.count` coordinates; an index beyond the centroids counts as 0.
  ///   - key: The key of the sender.
  ///   - sum: The running sum.
  public func accumulate(_ symbols: RotatedSymbols, key: RandomKey, into sum: inout MutableSpan<Float>) {
    precondition(
      symbols.symbols.count == symbolCount(of: sum.count) && symbols.scales.count == blockCount(of: sum.count),
      "The symbols belong to a layer of another size")
    let table = centroids + [Float](repeating: 0, count: 256 - centroids.count)
    var exact = symbols.exact.makeIterator()
    var scratch = [Float](repeating: 0, count: min(blockSize, symbols.symbols.count))
    sum.withUnsafeMutableBufferPointer { sums in
      scratch.withUnsafeMutableBufferPointer { scratch in
        for (block, start) in stride(from: 0, to: sums.count, by: blockSize).enumerated() {
          let range = start..<min(start + blockSize, sums.count)
          let scale = symbols.scales[block]
          if scale.isNaN {
            for i in range { sums[i] += exact.next() ?? .nan }
          } else if scale != 0 {
            let rotated = UnsafeMutableBufferPointer(rebasing: scratch[..<EDENQuantizer.padded(range.count)])
            EDENQuantizer.look(up: symbols.symbols, from: start, in: table, scale: scale, into: rotated)
            rotation.invert(rotated, key: key.folding(UInt64(block)))
            for i in range { sums[i] += rotated[i - start] }
          }
        }
      }
    }
  }

  /// The least power of two that is not below `count`; 0 for 0.
  private static func padded(_ count: Int) -> Int {
    count < 2 ? count : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
  }

  /// One rounded product of scale and centroid for each symbol.
  private static func look(
    up symbols: [UInt8], from start: Int, in table: [Float], scale: Float,
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    symbols.withUnsafeBufferPointer { symbols in
      table.withUnsafeBufferPointer { table in
        for i in values.indices { values[i] = table[Int(symbols[start + i])] * scale }
      }
    }
  }
}
