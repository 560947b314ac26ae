public import LaminaNumerics

/// Unbiased stochastic rounding of normalised coordinates to levels.
///
/// A coordinate v of a bucket with norm N becomes u = v/N; between the neighbours ℓⱼ ≤ u < ℓⱼ₊₁ it is rounded up with
/// probability (u − ℓⱼ)/(ℓⱼ₊₁ − ℓⱼ), and decodes to N times the level. arXiv 2505.14371, section 3.
///
/// The scheme is a row of choices: QSGD is `LevelQuantizer(levels: .uniform(intervals: 7), norm: .l2)`, NUQSGD has
/// exponential levels, TernGrad `.ternary` levels and the maximum norm, ALQ and AMQ adapt the levels.
///
/// ## Laws
/// - E[decoded] = v, to the rounding of binary32 and draws of 23 bits.
/// - E‖decoded − v‖² is ``variance(of:vectorNorm:)``, at most ``varianceBound(dimension:)`` times ‖v‖² (Theorem 5.1).
/// - The same key gives the same symbols, whatever the order of buckets and the number of threads.
/// - A bucket of zeros decodes to zeros; a bucket with a coordinate that is not finite decodes to itself.
public struct LevelQuantizer: Hashable, Sendable {
  /// The levels that normalised coordinates are rounded to.
  public let levels: Levels
  /// The norm that coordinates are divided by.
  public let norm: Norm
  /// The coordinates that share a norm.
  public let scope: NormScope

  /// A quantizer with these levels.
  public init(levels: Levels, norm: Norm = .max, scope: NormScope = .bucket(1024)) {
    if case .bucket(let size) = scope {
      precondition((1...NormScope.largestBucket).contains(size), "A bucket has 1 to 2²⁴ coordinates, not \(size)")
    }
    precondition(norm.exponent >= 1, "A q-norm needs q of at least 1, not \(norm.exponent)")
    self.levels = levels
    self.norm = norm.canonical
    self.scope = scope
  }

  /// The same quantizer with other levels.
  public func with(levels: Levels) -> LevelQuantizer { LevelQuantizer(levels: levels, norm: norm, scope: scope) }

  /// How many coordinates of a layer of `count` share a norm.
  package func bucketSize(in count: Int) -> Int { scope.bucketSize(in: count) }

  /// The symbols of `vector`.
  ///
  /// - Parameters:
  ///   - vector: The coordinates of one layer.
  ///   - key: Names the draws; bucket b uses `key.folding(b)`.
  ///   - vectorNorm: The norm of the whole dual vector, needed with the scope ``NormScope/vector``; nil takes this
  ///     layer for the whole vector.
  /// - Returns: The symbols, with as many norms as the layer has buckets.
  public func quantize(_ vector: Span<Float>, key: RandomKey, vectorNorm: Float? = nil) -> LevelSymbols {
    var symbols = LevelSymbols()
    quantize(vector, key: key, vectorNorm: vectorNorm, into: &symbols)
    return symbols
  }

  /// The symbols of `vector`, in memory that is used again; see ``quantize(_:key:vectorNorm:)``.
  public func quantize(_ vector: Span<Float>, key: RandomKey, vectorNorm: Float?, into out: inout LevelSymbols) {
    out.prepare(count: vector.count)
    let size = bucketSize(in: vector.count)
    let prepared = PreparedLevels(levels)
    vector.withUnsafeBufferPointer { values in
      out.symbols.withUnsafeMutableBufferPointer { symbols in
        for (bucket, start) in stride(from: 0, to: values.count, by: size).enumerated() {
          let range = start..<min(start + size, values.count)
          let coordinates = UnsafeBufferPointer(rebasing: values[range])
          let bucketNorm = LevelSymbols.canonical(vectorNorm ?? norm.of(coordinates))
          out.norms.append(bucketNorm)
          if bucketNorm.isNaN {
            out.exact.append(contentsOf: coordinates)
            symbols[range].update(repeating: 0)
          } else if bucketNorm == 0 {
            symbols[range].update(repeating: 0)
          } else {
            prepared.round(
              coordinates, norm: bucketNorm, stream: RoundingStream(key: key.folding(UInt64(bucket))),
              into: UnsafeMutableBufferPointer(rebasing: symbols[range]))
          }
        }
      }
    }
  }

  /// Adds the vector that `symbols` stand for to `sum`.
  ///
  /// Each coordinate is one rounded product, norm times level, and one rounded sum.
  ///
  /// - Parameters:
  ///   - symbols: Symbols of a layer of `sum.count` coordinates, every index below the number of levels.
  ///   - sum: The running sum.
  public func accumulate(_ symbols: LevelSymbols, into sum: inout MutableSpan<Float>) {
    precondition(symbols.symbols.count == sum.count, "The symbols belong to a layer of another size")
    let size = bucketSize(in: sum.count)
    let prepared = PreparedLevels(levels)
    var exact = symbols.exact.makeIterator()
    sum.withUnsafeMutableBufferPointer { sums in
      symbols.symbols.withUnsafeBufferPointer { bytes in
        for (bucket, start) in stride(from: 0, to: sums.count, by: size).enumerated() {
          let range = start..<min(start + size, sums.count)
          let norm = symbols.norms[bucket]
          if norm.isNaN {
            for i in range { sums[i] += exact.next() ?? .nan }
          } else if norm > 0 {
            prepared.accumulate(
              UnsafeBufferPointer(rebasing: bytes[range]), norm: norm,
              into: UnsafeMutableBufferPointer(rebasing: sums[range]))
          }
        }
      }
    }
  }
}
