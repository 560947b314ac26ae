import CLaminaKernels
import LaminaNumerics

/// The kernels that dithering a run of buckets needs, looked up once for all of them.
///
/// Sizes are the caller's duty here, bucket by bucket; `DitherKernels` checks them for everybody else.
struct BucketKernels {
  private let table: laminak_table

  init(_ tier: KernelTier) { table = tier.kernels }

  /// The sum of squares in the order that ``Norm`` gives; a NaN where a coordinate is one.
  @inline(__always)
  func squareSum(of values: UnsafeBufferPointer<Float>) -> Double {
    table.sum_of_squares(values.baseAddress, values.count)
  }

  /// The bit pattern of the largest magnitude.
  @inline(__always)
  func largest(of values: UnsafeBufferPointer<Float>) -> UInt32 { table.largest(values.baseAddress, values.count) }

  /// The sums of ``VectorTally``, with any NaN.
  @inline(__always)
  func tally(
    _ decoded: DecodedLayer, wanted: UnsafeBufferPointer<Float>
  ) -> (norm: Double, change: Double, error: Double, source: Double) {
    let sums = table.tally(
      decoded.values.baseAddress, decoded.before.baseAddress, wanted.baseAddress, wanted.count)
    return (sums.norm, sums.change, sums.error, sums.source)
  }

  /// How often each of the numbers 0…31 appears.
  func histogram(_ numbers: [UInt8]) -> [Int] {
    var counts = [UInt32](repeating: 0, count: 32)
    table.histogram(numbers, numbers.count, &counts)
    return counts.map { Int($0) }
  }

  /// As `DitherKernels.dither`.
  @inline(__always)
  func dither(
    _ values: UnsafeBufferPointer<Float>, reciprocal: Float, stream: RoundingStream, rawBits: Int,
    numbers: UnsafeMutablePointer<UInt8>?, lows: UnsafeMutablePointer<UInt8>?
  ) -> DitherKernels.Outcome {
    let outcome = table.dither(
      values.baseAddress, values.count, reciprocal, laminak_stream(stream), UInt32(rawBits), numbers, lows)
    return DitherKernels.Outcome(largest: outcome.largest, escapes: outcome.escapes)
  }

  /// As `DitherKernels.undither`.
  @inline(__always)
  func undither(
    _ numbers: UnsafePointer<UInt8>?, lows: UnsafePointer<UInt8>?, rawBits: Int, step: Float, stream: RoundingStream,
    into sums: UnsafeMutableBufferPointer<Float>
  ) {
    table.undither(
      numbers, lows, sums.count, UInt32(rawBits), step, laminak_stream(stream), sums.baseAddress)
  }
}
