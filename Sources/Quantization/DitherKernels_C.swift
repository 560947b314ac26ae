import CLaminaKernels
import LaminaNumerics

/// The kernels of dithered quantization, which do what ``DitherRounding`` does, bit for bit.
package enum DitherKernels {
  /// What quantizing a bucket brought to light.
  package struct Outcome: Hashable, Sendable {
    /// The largest bit pattern of |v|, above that of every finite number where the bucket has infinities or NaN.
    package var largest: UInt32
    /// How many coordinates have the number 0.
    package var escapes: Int
  }

  /// Quantizes the coordinates of one bucket.
  ///
  /// - Parameters:
  ///   - values: The coordinates, v.
  ///   - reciprocal: The reciprocal of the step.
  ///   - stream: The dither.
  ///   - rawBits: How many low bits of each integer travel as they are, 0…8.
  ///   - numbers: Receives a number for every value.
  ///   - lows: Receives the low bits of every value; may be empty where `rawBits` is 0.
  ///   - tier: The kernels to use, by default the active ones.
  /// - Returns: What the caller must know of the values. The integers are faithful where |v|·s < 2²² for the largest.
  @discardableResult
  package static func dither(
    _ values: UnsafeBufferPointer<Float>, reciprocal: Float, stream: RoundingStream, rawBits: Int,
    numbers: UnsafeMutableBufferPointer<UInt8>, lows: UnsafeMutableBufferPointer<UInt8>, tier: KernelTier? = nil
  ) -> Outcome {
    precondition((0...8).contains(rawBits), "0 to 8 bits travel raw, not \(rawBits)")
    precondition(numbers.count >= values.count, "One number per value")
    precondition(rawBits == 0 || lows.count >= values.count, "One group of low bits per value")
    let table = tier?.kernels ?? kernels
    let outcome = table.dither(
      values.baseAddress, values.count, reciprocal, laminak_stream(stream), UInt32(rawBits), numbers.baseAddress,
      lows.baseAddress)
    return Outcome(largest: outcome.largest, escapes: outcome.escapes)
  }

  /// Adds the decoded values of one bucket to sums; escapes add nothing.
  ///
  /// - Parameters:
  ///   - numbers: The numbers, 0…31.
  ///   - lows: The low bits, each below 2 to the power of `rawBits`; may be empty where `rawBits` is 0.
  ///   - rawBits: How many low bits of each integer travel as they are, 0…8.
  ///   - step: Δ.
  ///   - stream: The dither.
  ///   - sums: What the values are added to, one for every number.
  ///   - tier: The kernels to use, by default the active ones.
  package static func undither(
    _ numbers: UnsafeBufferPointer<UInt8>, lows: UnsafeBufferPointer<UInt8>, rawBits: Int, step: Float,
    stream: RoundingStream, into sums: UnsafeMutableBufferPointer<Float>, tier: KernelTier? = nil
  ) {
    precondition((0...8).contains(rawBits), "0 to 8 bits travel raw, not \(rawBits)")
    precondition(sums.count >= numbers.count, "One sum per number")
    precondition(rawBits == 0 || lows.count >= numbers.count, "One group of low bits per number")
    let table = tier?.kernels ?? kernels
    table.undither(
      numbers.baseAddress, lows.baseAddress, numbers.count, UInt32(rawBits), step, laminak_stream(stream),
      sums.baseAddress)
  }
}
