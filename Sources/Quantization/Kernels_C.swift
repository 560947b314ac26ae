import CLaminaKernels
import LaminaNumerics

/// Levels with the tables that kernels find them by, made once for many buckets.
///
/// Each kernel does what its readable twin does, bit for bit: ``LevelRounding``, ``LevelTable``.
package final class PreparedLevels: Sendable {
  /// The levels.
  package let levels: Levels
  // Written in the initializer only.
  nonisolated(unsafe) private let tables: UnsafeMutablePointer<laminak_levels>

  /// Builds the tables, a few kilobytes, in time linear in the number of levels.
  package init(_ levels: Levels) {
    self.levels = levels
    tables = .allocate(capacity: 1)
    laminak_prepare(levels.values, levels.count, tables)
  }

  deinit { tables.deallocate() }

  /// Rounds the coordinates of a bucket with an ordinary norm to `symbols`, which has as many bytes.
  package func round(
    _ values: UnsafeBufferPointer<Float>, norm: Float, stream: RoundingStream,
    into symbols: UnsafeMutableBufferPointer<UInt8>, kernels: laminak_table = kernels
  ) {
    kernels.round(values.baseAddress, values.count, 1 / norm, tables, laminak_stream(stream), symbols.baseAddress)
  }

  /// Adds what `symbols`, all of these levels, stand for to `sums`, which has as many elements.
  package func accumulate(
    _ symbols: UnsafeBufferPointer<UInt8>, norm: Float, into sums: UnsafeMutableBufferPointer<Float>,
    kernels: laminak_table = kernels
  ) {
    kernels.accumulate(symbols.baseAddress, symbols.count, norm, tables, sums.baseAddress)
  }

  /// Writes what ``accumulate(_:norm:into:kernels:)`` would make of zeros.
  package func decode(
    _ symbols: UnsafeBufferPointer<UInt8>, norm: Float, into sums: UnsafeMutableBufferPointer<Float>,
    kernels: laminak_table = kernels
  ) {
    kernels.decode(symbols.baseAddress, symbols.count, norm, tables, sums.baseAddress)
  }
}

extension laminak_stream {
  init(_ stream: RoundingStream) {
    self.init(first_word: stream.firstWord, second_word: stream.secondWord, low_byte: stream.lowByte)
  }
}

/// The largest magnitude; the bit patterns of magnitudes are ordered like the magnitudes, with NaN above infinity.
func largestMagnitude(of values: UnsafeBufferPointer<Float>, kernels: laminak_table = kernels) -> Float {
  Float(bitPattern: kernels.largest(values.baseAddress, values.count))
}

/// The sum of magnitudes in the order that ``Norm`` gives; every NaN is the same NaN.
func magnitudeSum(of values: UnsafeBufferPointer<Float>, kernels: laminak_table = kernels) -> Double {
  canonical(kernels.sum_of_magnitudes(values.baseAddress, values.count))
}

/// The sum of squares in the order that ``Norm`` gives; every NaN is the same NaN.
func squareSum(of values: UnsafeBufferPointer<Float>, kernels: laminak_table = kernels) -> Double {
  canonical(kernels.sum_of_squares(values.baseAddress, values.count))
}

/// Which NaN a sum of several makes differs between instruction sets.
private func canonical(_ sum: Double) -> Double { sum.isNaN ? .nan : sum }
