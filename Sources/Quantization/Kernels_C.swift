import CLaminaKernels
import LaminaNumerics

/// The kernels of Level quantization, behind the types of this package.
///
/// Each does what its readable twin does, bit for bit: ``LevelRounding``, ``LevelTable``, ``VerticalPacking``.
enum Kernels {
  static func round(
    _ values: UnsafeBufferPointer<Float>, norm: Float, levels: [Float], gaps: [Float], stream: RoundingStream,
    into symbols: UnsafeMutableBufferPointer<UInt8>
  ) {
    let words = laminak_stream(
      first_word: stream.firstWord, second_word: stream.secondWord, low_byte: stream.lowByte)
    kernels.round(
      values.baseAddress, values.count, 1 / norm, levels, gaps, levels.count, words, symbols.baseAddress)
  }

  static func accumulate(
    _ symbols: UnsafeBufferPointer<UInt8>, norm: Float, values: [Float], into sums: UnsafeMutableBufferPointer<Float>
  ) {
    kernels.accumulate(symbols.baseAddress, symbols.count, norm, values, sums.baseAddress)
  }
}
