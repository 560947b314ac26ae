extension Histogram {
  /// Adds the buckets of a layer, divided by their norms; buckets without an ordinary norm are skipped.
  ///
  /// - Parameters:
  ///   - values: The coordinates of the layer.
  ///   - quantizer: Its norm and scope.
  ///   - sharedNorm: The norm of the whole vector, for the scope of the vector.
  /// - Returns: How many buckets were skipped because of a coordinate that is not finite, or a norm out of range.
  @discardableResult
  package mutating func observe(_ values: Span<Float>, quantizer: LevelQuantizer, sharedNorm: Float? = nil) -> Int {
    let size = quantizer.bucketSize(in: values.count)
    var unit: [Float] = []
    var skipped = 0
    for start in stride(from: 0, to: values.count, by: size) {
      let bucket = values.extracting(start..<min(start + size, values.count))
      let norm = quantizer.scope == .vector ? sharedNorm ?? quantizer.norm(bucket) : quantizer.norm(bucket)
      guard LevelSymbols.isOrdinary(norm) else {
        skipped += norm == 0 ? 0 : 1
        continue
      }
      unit.removeAll(keepingCapacity: true)
      bucket.withUnsafeBufferPointer { unit.append(contentsOf: $0.lazy.map { $0 / norm }) }
      observe(unit.span, norm: norm)
    }
    return skipped
  }
}
