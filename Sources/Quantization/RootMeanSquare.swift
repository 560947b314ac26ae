/// The scale that relative steps are multiples of: the root mean square of the finite buckets of coordinates.
///
/// Sums of squares run over buckets as those of ``Norm/l2`` do, and then in the order of the buckets, so that every
/// platform computes the same scale. A bucket with a coordinate that is not finite travels exactly and counts nothing.
package struct RootMeanSquare: Sendable {
  private var squares = 0.0
  private var count = 0

  package init() {}

  /// The scale of one layer.
  package init(of values: UnsafeBufferPointer<Float>, bucketSize: Int) { add(values, bucketSize: bucketSize) }

  /// Adds the coordinates of a layer, bucket by bucket.
  package mutating func add(_ values: UnsafeBufferPointer<Float>, bucketSize: Int) {
    var start = 0
    while start < values.count {
      let bucket = UnsafeBufferPointer(rebasing: values[start..<min(start + bucketSize, values.count)])
      let sum = MagnitudeKernels.active.sumOfSquares(of: bucket)
      if sum.isFinite {
        squares += sum
        count += bucket.count
      }
      start += bucketSize
    }
  }

  /// The scale as it is sent: 0, ordinary, or `LevelSymbols.exactMark`.
  package var scale: Float { count == 0 ? 0 : Self.scale(squares: squares, count: count) }

  /// The scale of `count` coordinates with this sum of squares: the mark where it is not finite.
  ///
  /// A root that is not zero but rounds to zero is out of the ordinary range like every other that small.
  static func scale(squares: Double, count: Int) -> Float {
    let scale = Float((squares / Double(count)).squareRoot())
    return scale == 0 && squares > 0 ? LevelSymbols.exactMark : LevelSymbols.canonical(scale)
  }
}
