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
