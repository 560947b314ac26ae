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
/// It is no ``UnbiasedQuantizer``, whose laws hold for every vector: these hold in the limit, and no bound of its error
/// that is worth stating holds for all vectors.
///
/// ## Laws
/// - ⟨x, Q(x)⟩ = ‖x‖² to rounding, for every key.
/// - E Q(x) = x in the limit of large blocks. It is exact for uniformly random rotations; two rounds of signs and
///   transform leave O(1/n), and one round leaves more on vectors with a few large coordinates.
/// - A block of zeros decodes to zeros; a block with a coordinate that is not finite decodes to itself.
/// - The same key gives the same symbols on every platform, and the centroids need not travel.
public struct EDENQuantizer: Hashable, Sendable {
  /// The smallest block, 2⁷: the rotated coordinates of fewer are far from normal.
  public static let smallestBlock = 1 << 7
  /// The largest block, 2¹⁶: more coordinates leave the caches, and are not closer to normal in any way that shows.
  public static let largestBlock = 1 << 16

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
  ///   - blockSize: The largest number of coordinates rotated together, a power of two from ``smallestBlock`` to
  ///     ``largestBlock``. The last block of a layer, which may be its only one, is padded with zeros to the next power
  ///     of two, and to the smallest block at least.
  ///   - rounds: How often signs are drawn and the transform is applied, from 1 to 4.
  public init(bits: Int, blockSize: Int = 4096, rounds: Int = 2) {
    precondition((1...8).contains(bits), "A symbol has 1 to 8 bits, not \(bits)")
    precondition(
      (Self.smallestBlock...Self.largestBlock).contains(blockSize) && blockSize & (blockSize - 1) == 0,
      "A block has a power of two of coordinates from 2⁷ to 2¹⁶, not \(blockSize)")
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
  /// - Returns: A number from `count` to less than twice `count`, or ``smallestBlock``.
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
    out.prepare(symbolCount: symbolCount(of: vector.count), blockCount: blockCount(of: vector.count))
    vector.withUnsafeBufferPointer { values in
      out.symbols.withUnsafeMutableBufferPointer { symbols in
        for block in out.scales.indices {
          let range = range(of: block, in: values.count)
          out.scales[block] = quantize(
            UnsafeBufferPointer(rebasing: values[range]), key: key.folding(UInt64(block)),
            into: UnsafeMutableBufferPointer(rebasing: symbols[symbolRange(of: block, in: values.count)]))
          if out.scales[block].isNaN { out.exact.append(contentsOf: values[range]) }
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
    var exact = symbols.exact.makeIterator()
    sum.withUnsafeMutableBufferPointer { sums in
      symbols.symbols.withUnsafeBufferPointer { source in
        for (block, scale) in symbols.scales.enumerated() {
          let range = range(of: block, in: sums.count)
          if scale.isNaN {
            for i in range { sums[i] += exact.next() ?? .nan }
          } else if scale != 0 {
            accumulate(
              UnsafeBufferPointer(rebasing: source[symbolRange(of: block, in: sums.count)]), scale: scale,
              key: key.folding(UInt64(block)), into: UnsafeMutableBufferPointer(rebasing: sums[range]))
          }
        }
      }
    }
  }

  /// The least power of two that is not below `count`, nor below the smallest block; 0 for 0.
  private static func padded(_ count: Int) -> Int {
    count == 0 ? 0 : max(smallestBlock, 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount))
  }
}
