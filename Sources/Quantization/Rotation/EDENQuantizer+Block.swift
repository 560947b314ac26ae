package import LaminaNumerics

/// Blocks stand alone, so that several threads can share a layer.
extension EDENQuantizer {
  /// The coordinates of a block of a layer of `count`.
  package func range(of block: Int, in count: Int) -> Range<Int> {
    block * blockSize..<min((block + 1) * blockSize, count)
  }

  /// The symbols of a block among those of a layer of `count` coordinates.
  package func symbolRange(of block: Int, in count: Int) -> Range<Int> {
    block * blockSize..<min((block + 1) * blockSize, symbolCount(of: count))
  }

  /// Rotates and rounds one block.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the block.
  ///   - key: The key of the block.
  ///   - symbols: Receives the symbols of the padded block; unspecified without an ordinary scale.
  /// - Returns: The scale: 0, ordinary, or `LevelSymbols.exactMark`.
  package func quantize(
    _ values: UnsafeBufferPointer<Float>, key: RandomKey, into symbols: UnsafeMutableBufferPointer<UInt8>
  ) -> Float {
    let norm = LevelSymbols.canonical(Norm.l2.of(values))
    guard LevelSymbols.isOrdinary(norm) else { return norm }
    let product = withUnsafeTemporaryAllocation(of: Float.self, capacity: symbols.count) { rotated in
      let end = rotated.initialize(fromContentsOf: values)
      rotated[end...].initialize(repeating: 0)
      rotation.apply(rotated, key: key)
      return NormalCodebook.of(bits: bits).round(
        UnsafeBufferPointer(rotated), factor: Float(Double(symbols.count).squareRoot() / Double(norm)), into: symbols)
    }
    // An ordinary norm does not make the scale ordinary, which is smaller by about the root of the size.
    return LevelSymbols.canonical(Float(Double(norm) * Double(norm) / product))
  }

  /// Adds what the symbols of a block stand for to `sums`.
  ///
  /// - Parameters:
  ///   - symbols: The symbols of the padded block; an index beyond the centroids counts as 0.
  ///   - scale: An ordinary scale.
  ///   - key: The key of the block.
  ///   - sums: The running sums of the block's coordinates.
  package func accumulate(
    _ symbols: UnsafeBufferPointer<UInt8>, scale: Float, key: RandomKey, into sums: UnsafeMutableBufferPointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: symbols.count) { rotated in
      NormalCodebook.of(bits: bits).look(up: symbols, scale: scale, into: rotated)
      rotation.invert(rotated, key: key)
      for i in sums.indices { sums[i] += rotated[i] }
    }
  }
}
