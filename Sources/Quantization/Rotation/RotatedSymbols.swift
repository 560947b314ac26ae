/// What a quantizer of rotated blocks makes of one layer.
///
/// `scales` has one entry a block: 0 for a block of zeros; `LevelSymbols.exactMark` for a block that travels exactly,
/// because a coordinate is not finite, or its norm or scale is out of the ordinary range; else the factor of its
/// centroids. `symbols` has one byte for each coordinate of the padded blocks: the index of its centroid; in the blocks
/// without an ordinary scale the bytes mean nothing. `exact` holds the coordinates of the exact blocks, in order, and no
/// padding.
public struct RotatedSymbols: Hashable, Sendable {
  public var scales: [Float] = []
  public var symbols: [UInt8] = []
  public var exact: [Float] = []

  /// No symbols; buffers grow with use and keep their memory when used again.
  public init() {}

  /// Makes room for a layer; scales and symbols are unspecified.
  package mutating func prepare(symbolCount: Int, blockCount: Int) {
    scales.removeAll(keepingCapacity: true)
    scales.append(contentsOf: repeatElement(0, count: blockCount))
    exact.removeAll(keepingCapacity: true)
    symbols.resize(to: symbolCount)
  }
}
