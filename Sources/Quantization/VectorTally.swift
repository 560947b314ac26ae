package import LaminaNumerics

/// What an encoding says of a vector, in binary64: V̂ is what receivers decode, V what was meant, V̂′ the V̂ before.
///
/// Sums are taken over pieces of layers while these are in the cache, and added up in their order. Where pieces end
/// depends on the layers alone, so that every machine and every number of threads finds the same sums.
package struct VectorTally: Hashable, Sendable {
  /// ‖V̂‖².
  package private(set) var norm = 0.0
  /// ‖V̂ − V̂′‖².
  package private(set) var change = 0.0
  /// ‖V̂ − V‖².
  package private(set) var error = 0.0
  /// ‖V‖².
  package private(set) var source = 0.0

  /// The sums over no coordinates.
  package init() {}

  /// Adds coordinates.
  ///
  /// - Parameters:
  ///   - decoded: V̂ and V̂′.
  ///   - wanted: V.
  ///   - tier: The kernels to use, by default the active ones; all find the same sums.
  package mutating func add(
    _ decoded: DecodedLayer, wanted: UnsafeBufferPointer<Float>, tier: KernelTier = .active
  ) {
    add(decoded, wanted: wanted, kernels: BucketKernels(tier))
  }

  /// Adds coordinates with kernels that were looked up before.
  @inline(__always)
  mutating func add(_ decoded: DecodedLayer, wanted: UnsafeBufferPointer<Float>, kernels: BucketKernels) {
    let sums = kernels.tally(decoded, wanted: wanted)
    norm = Self.canonical(norm + sums.norm)
    change = Self.canonical(change + sums.change)
    error = Self.canonical(error + sums.error)
    source = Self.canonical(source + sums.source)
  }

  /// Adds the sums over other coordinates.
  package static func += (left: inout VectorTally, right: VectorTally) {
    left.norm = canonical(left.norm + right.norm)
    left.change = canonical(left.change + right.change)
    left.error = canonical(left.error + right.error)
    left.source = canonical(left.source + right.source)
  }

  /// Which NaN a sum of several makes differs between instruction sets, and the sums travel in frames.
  private static func canonical(_ sum: Double) -> Double { sum.isNaN ? .nan : sum }
}

/// Where the coordinates that receivers decode are written, beside those of the vector before.
package struct DecodedLayer {
  /// The coordinates of a layer; whatever they hold is replaced.
  package let values: UnsafeMutableBufferPointer<Float>
  /// As many coordinates, those decoded before.
  package let before: UnsafeBufferPointer<Float>

  /// Memory that outlives the encoding.
  package init(values: UnsafeMutableBufferPointer<Float>, before: UnsafeBufferPointer<Float>) {
    precondition(values.count == before.count, "A layer has as many coordinates as it had before")
    self.values = values
    self.before = before
  }

  /// Some of the coordinates.
  package subscript(range: Range<Int>) -> DecodedLayer {
    DecodedLayer(
      values: UnsafeMutableBufferPointer(rebasing: values[range]),
      before: UnsafeBufferPointer(rebasing: before[range]))
  }
}
