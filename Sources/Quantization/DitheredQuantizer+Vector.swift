public import LaminaNumerics

extension DitheredQuantizer {
  /// The symbols of one layer.
  ///
  /// - Parameters:
  ///   - vector: The coordinates of the layer, which is taken for the whole vector where the scope is the vector.
  ///   - key: Names the dither; bucket b uses `key.folding(b)`.
  /// - Returns: The symbols, with the number of raw bits that suits them.
  public func quantize(_ vector: Span<Float>, key: RandomKey) -> DitheredBlock {
    vector.withUnsafeBufferPointer { values in
      var shared: Float?
      if scope == .layer || scope == .vector { shared = RootMeanSquare(of: values, bucketSize: bucketSize).scale }
      let sample = DitherSample(of: values, quantizer: self, sharedScale: shared, key: key)
      var block = DitheredBlock()
      quantize(values, firstBucket: 0, sharedScale: shared, key: key, rawBits: sample.suitableRawBits, into: &block)
      return block
    }
  }

  /// Adds the vector that `symbols` stand for to `sum`.
  ///
  /// - Parameters:
  ///   - symbols: The symbols of a layer of `sum.count` coordinates.
  ///   - key: The key that they were made with.
  ///   - sum: The running sum.
  public func accumulate(_ symbols: DitheredBlock, key: RandomKey, into sum: inout MutableSpan<Float>) {
    precondition(
      symbols.scales.count == (sum.count + bucketSize - 1) / bucketSize, "The symbols belong to a layer of another size"
    )
    sum.withUnsafeMutableBufferPointer { accumulate(symbols, firstBucket: 0, key: key, into: $0) }
  }
}
