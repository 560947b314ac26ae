import CLaminaKernels
package import LaminaNumerics

/// Levels with the tables that kernels find them by, made once for many buckets.
///
/// Each kernel does what its readable twin does, bit for bit: ``LevelRounding``, ``LevelTable``.
package final class PreparedLevels: Sendable {
  /// The levels.
  package let levels: Levels
  private let kernels: laminak_table
  // Written in the initializer only.
  nonisolated(unsafe) private let tables: UnsafeMutablePointer<laminak_levels>

  /// Builds the tables, a few kilobytes, in time linear in the number of levels, for the kernels of `tier`.
  package init(_ levels: Levels, tier: KernelTier = .active) {
    self.levels = levels
    kernels = tier.kernels
    tables = .allocate(capacity: 1)
    laminak_prepare(levels.values, levels.count, tables)
  }

  deinit { tables.deallocate() }

  /// Rounds the coordinates of a bucket with an ordinary norm to `symbols`, which has as many bytes.
  package func round(
    _ values: UnsafeBufferPointer<Float>, norm: Float, stream: RoundingStream,
    into symbols: UnsafeMutableBufferPointer<UInt8>
  ) {
    kernels.round(
      values.baseAddress, values.count, 1 / norm, tables, laminak_stream(stream), symbols.baseAddress)
  }

  /// Rounds whole blocks of 512 coordinates and packs the symbols as fields of `width` bits, 64·width bytes a block.
  ///
  /// The fields have the layout of `VerticalPacking`, with a sign where the levels have none.
  package func roundAndPack(
    _ values: UnsafeBufferPointer<Float>, norm: Float, stream: RoundingStream, width: Int,
    into fields: UnsafeMutableRawBufferPointer
  ) {
    kernels.round_pack(
      values.baseAddress, values.count / 512, 1 / norm, tables, laminak_stream(stream), UInt32(width),
      fields.baseAddress)
  }

  /// Adds what `symbols`, all of these levels, stand for to `sums`, which has as many elements.
  package func accumulate(
    _ symbols: UnsafeBufferPointer<UInt8>, norm: Float, into sums: UnsafeMutableBufferPointer<Float>,
    tier: KernelTier = .active
  ) {
    kernels.accumulate(symbols.baseAddress, symbols.count, norm, tables, sums.baseAddress)
  }

  /// Writes what ``accumulate(_:norm:into:)`` would make of zeros.
  package func decode(
    _ symbols: UnsafeBufferPointer<UInt8>, norm: Float, into sums: UnsafeMutableBufferPointer<Float>,
    tier: KernelTier = .active
  ) {
    kernels.decode(symbols.baseAddress, symbols.count, norm, tables, sums.baseAddress)
  }
}

extension laminak_stream {
  init(_ stream: RoundingStream) {
    self.init(first_word: stream.firstWord, second_word: stream.secondWord, low_byte: stream.lowByte)
  }
}

/// Sums and maxima of magnitudes by the kernels of one tier, the parts of ``Norm``.
package struct MagnitudeKernels: Sendable {
  private let kernels: laminak_table

  static let active = MagnitudeKernels(.active)

  /// The kernels of `tier`; looked up once for many buckets.
  package init(_ tier: KernelTier) { kernels = tier.kernels }

  /// The largest magnitude; the bit patterns of magnitudes are ordered like them, with NaN above infinity.
  func largest(of values: UnsafeBufferPointer<Float>) -> Float {
    Float(bitPattern: kernels.largest(values.baseAddress, values.count))
  }

  /// The sum of magnitudes in the order that ``Norm`` gives.
  func sum(of values: UnsafeBufferPointer<Float>) -> Double {
    canonical(kernels.sum_of_magnitudes(values.baseAddress, values.count))
  }

  /// The sum of squares in the order that ``Norm`` gives.
  func sumOfSquares(of values: UnsafeBufferPointer<Float>) -> Double {
    canonical(kernels.sum_of_squares(values.baseAddress, values.count))
  }

  /// Which NaN a sum of several makes differs between instruction sets.
  private func canonical(_ sum: Double) -> Double { sum.isNaN ? .nan : sum }
}
