/// The Lloyd-Max codebook of the standard normal law: the 2ᵇ centroids of least mean squared error.
///
/// The centroids are part of the meaning of symbols, so that sender and receiver need the same bits. They are computed
/// by operations that IEEE 754 rounds alike everywhere (see ``NormalIntegrals``), and need not travel.
///
/// Max, Quantizing for Minimum Distortion, 1960.
struct NormalCodebook: Hashable, Sendable {
  /// The codebooks of 1 to 8 bits.
  private static let all = (1...8).map(NormalCodebook.init)

  /// Cells of the look-up of magnitudes: 128 a unit, so that at most one boundary lies in each, and 8 units.
  private static let cells = 8 * 128

  /// The centroids in increasing order.
  let centroids: [Float]
  /// The centroids by symbol, and 0 for the bytes that are none.
  private let table: [Float]
  /// E(z − c(z))² for a normal z, which is 1 − E c².
  let distortion: Double
  /// The boundaries between positive centroids in increasing order, and an infinity.
  private let boundaries: [Float]
  /// How many boundaries lie at or below the lower end of each cell.
  private let starts: [UInt8]

  /// The codebook of `bits` bits, from 1 to 8.
  static func of(bits: Int) -> NormalCodebook { all[bits - 1] }

  private init(bits: Int) {
    let positive = NormalCodebook.positiveCentroids(count: 1 << (bits - 1))
    centroids = positive.reversed().map { -Float($0) } + positive.map(Float.init)
    table = centroids + [Float](repeating: 0, count: 256 - centroids.count)
    distortion = 1 - 2 * zip(positive, NormalCodebook.masses(positive)).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    let boundaries = zip(positive, positive.dropFirst()).map { Float(($0 + $1) / 2) } + [.infinity]
    self.boundaries = boundaries
    starts = (0..<NormalCodebook.cells).map { cell in
      UInt8(boundaries.count { $0 <= Float(cell) / 128 })
    }
  }

  /// Writes the index of the centroid nearest to each of the values times `factor`, and returns the inner product of the
  /// values and their centroids; a boundary belongs to the larger magnitude.
  ///
  /// The product runs in 8 lanes of binary64, lane j over the values j, j + 8, …, which are then added in halves.
  func round(
    _ values: UnsafeBufferPointer<Float>, factor: Float, into symbols: UnsafeMutableBufferPointer<UInt8>
  ) -> Double {
    let all = UInt32(centroids.count - 1)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 8) { lanes in
      lanes.initialize(repeating: 0)
      centroids.withUnsafeBufferPointer { centroids in
        boundaries.withUnsafeBufferPointer { boundaries in
          starts.withUnsafeBufferPointer { starts in
            for i in values.indices {
              let scaled = values[i] * factor
              let cell = Int(min(scaled.magnitude * 128, Float(NormalCodebook.cells - 1)))
              let start = UInt32(starts[cell])
              let place = start + (scaled.magnitude >= boundaries[Int(start)] ? 1 : 0)
              // The other half of the codebook is this one with all bits of the index turned.
              let turned = scaled.bitPattern >> 31 &* all
              let symbol = (all >> 1 + 1 + place) ^ turned
              symbols[i] = UInt8(truncatingIfNeeded: symbol)
              lanes[i & 7] += Double(values[i]) * Double(centroids[Int(symbol)])
            }
          }
        }
      }
      for half in [4, 2, 1] {
        for lane in 0..<half { lanes[lane] += lanes[lane + half] }
      }
      return lanes[0]
    }
  }

  /// Writes the product of scale and centroid for each symbol, rounded once; an index beyond the centroids counts as 0.
  func look(up symbols: UnsafeBufferPointer<UInt8>, scale: Float, into values: UnsafeMutableBufferPointer<Float>) {
    table.withUnsafeBufferPointer { table in
      for i in symbols.indices { values[i] = table[Int(symbols[i])] * scale }
    }
  }

  /// The positive half, by Newton's method on cⱼ = E[z | cell j], from the asymptotic optimum: the quantiles of a normal
  /// law of variance 3.
  private static func positiveCentroids(count: Int) -> [Double] {
    var centroids = (0..<count).map { j in
      1.732_050_807_568_877_2 * quantile((Double(j) + 0.5) / (2 * Double(count)))
    }
    for _ in 0..<40 {
      let step = newtonStep(centroids)
      for j in centroids.indices { centroids[j] -= step[j] }
      if step.allSatisfy({ $0.magnitude < 1e-13 }) { break }
    }
    return centroids
  }

  /// x with Φ(x) − ½ = p, by bisection.
  private static func quantile(_ p: Double) -> Double {
    var (low, high) = (0.0, 8.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if NormalIntegrals.central(middle) < p { low = middle } else { high = middle }
    }
    return low
  }

  /// The solution of the tridiagonal system J·δ = c − E[z | cell].
  private static func newtonStep(_ centroids: [Double]) -> [Double] {
    let last = centroids.count - 1
    let ends = [0] + zip(centroids, centroids.dropFirst()).map { ($0 + $1) / 2 }
    let densities = ends.map(NormalIntegrals.density)
    let masses = masses(centroids)
    var (above, residual) = (centroids, centroids)
    for j in 0...last {
      let outer = j < last ? densities[j + 1] : 0
      let mean = (densities[j] - outer) / masses[j]
      // How the mean of the cell moves with either centroid beside it.
      let left = j > 0 ? densities[j] * (mean - ends[j]) / masses[j] / 2 : 0
      let right = j < last ? outer * (ends[j + 1] - mean) / masses[j] / 2 : 0
      let pivot = 1 - left - right + (j > 0 ? left * above[j - 1] : 0)
      above[j] = -right / pivot
      residual[j] = (centroids[j] - mean + (j > 0 ? left * residual[j - 1] : 0)) / pivot
    }
    for j in stride(from: last - 1, through: 0, by: -1) { residual[j] -= above[j] * residual[j + 1] }
    return residual
  }

  /// The probabilities of the cells of positive centroids; they sum to ½.
  private static func masses(_ centroids: [Double]) -> [Double] {
    let inner = zip(centroids, centroids.dropFirst()).map { NormalIntegrals.central(($0 + $1) / 2) }
    return zip(inner + [0.5], [0] + inner).map { $0 - $1 }
  }
}
