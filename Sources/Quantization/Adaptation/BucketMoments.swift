/// The mean and the variance of the normalised coordinates of one bucket.
struct BucketMoments: Hashable {
  /// The number of coordinates.
  var count: Int
  /// The mean of r.
  var mean: Double
  /// The mean of (r − mean)², not negative.
  var variance: Double
  /// The mean of r².
  var second: Double

  /// One pass in four interleaved sums, added in a fixed order; what is not a number counts as 0, what lies outside of
  /// [−1, 1] as the nearest end.
  init(_ unit: Span<Float>) {
    var sums = SIMD4<Double>.zero
    var squares = SIMD4<Double>.zero
    unit.withUnsafeBufferPointer { coordinates in
      let whole = coordinates.count & ~3
      for start in stride(from: 0, to: whole, by: 4) {
        let four = SIMD4(coordinates[start], coordinates[start + 1], coordinates[start + 2], coordinates[start + 3])
        let finite = four.replacing(with: 0, where: four .!= four)
        let clamped = SIMD4<Double>(finite.clamped(lowerBound: SIMD4(repeating: -1), upperBound: SIMD4(repeating: 1)))
        sums += clamped
        squares += clamped * clamped
      }
      for index in whole..<coordinates.count where coordinates[index] == coordinates[index] {
        let clamped = Double(min(max(coordinates[index], -1), 1))
        sums[index - whole] += clamped
        squares[index - whole] += clamped * clamped
      }
    }
    count = unit.count
    let divisor = Double(max(count, 1))
    mean = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / divisor
    second = ((squares[0] + squares[1]) + (squares[2] + squares[3])) / divisor
    variance = max(0, second - mean * mean)
  }
}
