import Quantization

/// What receivers decode of the frames that one rank makes of its dual vectors: of the last, and of the one before.
struct OwnVectors: Sendable {
  private(set) var last: [Float]
  private var before: [Float]
  private var isWanted = true

  init(dimension: Int) {
    last = [Float](repeating: 0, count: dimension)
    before = last
  }

  /// Goes on from another vector.
  mutating func restore(_ vector: [Float]) { last = vector }

  /// Begins a frame: of this rank's dual vector, or of something else, which leaves these vectors as they are.
  mutating func startFrame(isOwn: Bool) {
    isWanted = isOwn
    if isOwn { swap(&last, &before) }
  }

  /// Lends a layer of both vectors; nil where the frame is not of this rank's dual vector.
  mutating func withLayer<Result>(_ range: Range<Int>, _ body: (DecodedLayer?) -> Result) -> Result {
    guard isWanted else { return body(nil) }
    return last.withUnsafeMutableBufferPointer { last in
      before.withUnsafeBufferPointer { before in body(DecodedLayer(values: last, before: before)[range]) }
    }
  }
}
