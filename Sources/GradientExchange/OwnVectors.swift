import Quantization

/// What receivers decode of the frames that one rank makes of its dual vectors: of the last, and of the one before.
///
/// Memory is taken with the first frame: a codec that only reads needs none, and a plan alone, which a peer may have sent,
/// takes none.
struct OwnVectors: Sendable {
  private let dimension: Int
  /// Empty before the first frame.
  private var current: [Float] = []
  private var before: [Float] = []
  private var isWanted = true

  init(dimension: Int) { self.dimension = dimension }

  /// The last vector, zeros before the first frame.
  var last: [Float] { current.isEmpty ? zeros : current }

  private var zeros: [Float] { [Float](repeating: 0, count: dimension) }

  /// Goes on from another vector.
  mutating func restore(_ vector: [Float]) { current = vector }

  /// Begins a frame: of this rank's dual vector, or of something else, which leaves these vectors as they are.
  mutating func startFrame(isOwn: Bool) {
    isWanted = isOwn
    guard isOwn else { return }
    swap(&current, &before)
    if current.isEmpty { current = zeros }
    if before.isEmpty { before = zeros }
  }

  /// Lends a layer of both vectors; nil where the frame is not of this rank's dual vector.
  mutating func withLayer<Result>(_ range: Range<Int>, _ body: (DecodedLayer?) -> Result) -> Result {
    guard isWanted else { return body(nil) }
    return current.withUnsafeMutableBufferPointer { current in
      before.withUnsafeBufferPointer { before in body(DecodedLayer(values: current, before: before)[range]) }
    }
  }
}
