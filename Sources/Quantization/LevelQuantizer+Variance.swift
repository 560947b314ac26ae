import RealModule

extension LevelQuantizer {
  /// The exact expected squared error E‖Q(v) − v‖² of rounding `vector`.
  ///
  /// Σ over buckets of N²·Σᵢ(ℓⱼ₊₁ − uᵢ)(uᵢ − ℓⱼ), arXiv 2505.14371, section 3; buckets that travel exactly add nothing.
  ///
  /// - Parameters:
  ///   - vector: The coordinates of one layer.
  ///   - vectorNorm: As for ``quantize(_:key:vectorNorm:)``.
  /// - Returns: The variance, in the squared unit of the coordinates.
  public func variance(of vector: Span<Float>, vectorNorm: Float? = nil) -> Double {
    let size = scope.bucketSize(in: vector.count)
    let levels = self.levels.values.map(Double.init)
    return vector.withUnsafeBufferPointer { values in
      var total = 0.0
      for start in stride(from: 0, to: values.count, by: size) {
        let bucket = UnsafeBufferPointer(rebasing: values[start..<min(start + size, values.count)])
        let norm = LevelSymbols.canonical(vectorNorm ?? self.norm.of(bucket))
        guard norm > 0 else { continue }
        var sum = 0.0
        for value in bucket {
          let signed = min(max(Double(value) / Double(norm), -1), 1)
          sum += roundingVariance(of: self.levels.areSigned ? signed : signed.magnitude, levels: levels)
        }
        total += Double(norm) * Double(norm) * sum
      }
      return total
    }
  }

  /// ε with E‖Q(v) − v‖² ≤ ε‖v‖² for every v of `dimension` coordinates that share a norm.
  ///
  /// Theorem 5.1 of arXiv 2505.14371 for this one sequence; see ``varianceBound(of:norm:dimension:)``.
  public func varianceBound(dimension: Int) -> Double {
    let shared = if case .bucket(let size) = scope { min(size, dimension) } else { dimension }
    return Self.varianceBound(of: [levels], norm: norm, dimension: shared)
  }

  /// ε of Theorem 5.1 for layer types with the sequences `levels` under one norm.
  ///
  /// With n = min(q, 2), ℓ̄ the largest ratio ℓⱼ₊₁/ℓⱼ for j ≥ 1 and ℓ₁ the largest first level of all types and
  /// z = ℓ₁·d^(1/n): ε = (ℓ̄ − 1)²/(4ℓ̄) + (z − 1 where z ≥ 2, else z²/4). The first term is absent where no type has
  /// interior levels.
  ///
  /// - Parameters:
  ///   - levels: The magnitudes of each type; signed sequences without zero have no relative bound and give infinity.
  ///   - norm: The norm that all coordinates share.
  ///   - dimension: d, the number of coordinates that share it.
  /// - Returns: ε, the bound on the relative variance.
  public static func varianceBound(of levels: [Levels], norm: Norm, dimension: Int) -> Double {
    guard !levels.contains(where: { !$0.containZero }) else { return .infinity }
    var largestRatio = 1.0
    var largestFirst = 0.0
    for sequence in levels {
      for side in magnitudeSides(of: sequence) {
        largestFirst = max(largestFirst, side[0])
        for (next, level) in zip(side.dropFirst(), side) { largestRatio = max(largestRatio, next / level) }
      }
    }
    let tail = (largestRatio - 1) * (largestRatio - 1) / (4 * largestRatio)
    let z = largestFirst * Double.pow(Double(dimension), 1 / min(norm.exponent, 2))
    return tail + (z >= 2 ? z - 1 : z * z / 4)
  }

  /// The levels above zero and, of signed levels, the magnitudes below it: each side bounds the coordinates of a sign.
  private static func magnitudeSides(of levels: Levels) -> [[Double]] {
    let above = levels.values.filter { $0 > 0 }.map(Double.init)
    guard levels.areSigned else { return [above] }
    return [above, levels.values.filter { $0 < 0 }.map { Double(-$0) }.reversed()]
  }
}

/// (ℓⱼ₊₁ − u)(u − ℓⱼ) for the neighbours of u.
private func roundingVariance(of unit: Double, levels: [Double]) -> Double {
  var low = 0
  var high = levels.count - 1
  while high - low > 1 {
    let middle = (low + high) / 2
    if unit >= levels[middle] { low = middle } else { high = middle }
  }
  return (levels[high] - unit) * (unit - levels[low])
}
