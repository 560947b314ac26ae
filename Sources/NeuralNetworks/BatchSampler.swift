import LaminaNumerics

/// Draws batches of images and of latent vectors, each a pure function of a key.
struct BatchSampler: Sendable {
  let dataset: ImageDataset
  /// Whether every image is mirrored with probability one half.
  let flips: Bool

  /// Images drawn with replacement, as numbers in [−1, 1].
  ///
  /// - Parameters:
  ///   - count: Images of the batch.
  ///   - key: Names the draw.
  /// - Returns: NCHW numbers, 0 ↦ −1 and 255 ↦ 1.
  func images(_ count: Int, key: RandomKey) -> [Float] {
    var stream = RandomStream(key: key)
    let size = dataset.imageSize
    let width = dataset.width
    return [Float](unsafeUninitializedCapacity: count * size) { numbers, initialized in
      dataset.pixels.withUnsafeBufferPointer { pixels in
        for image in 0..<count {
          let index = Int(stream.next().multipliedFullWidth(by: UInt64(dataset.count)).high)
          let mirrored = stream.next() >> 63 == 1 && flips
          let (source, target) = (index * size, image * size)
          for row in stride(from: 0, to: size, by: width) {
            for column in 0..<width {
              let pixel = pixels[source + row + (mirrored ? width - 1 - column : column)]
              numbers.initializeElement(at: target + row + column, to: Self.intensity(pixel))
            }
          }
        }
      }
      initialized = count * size
    }
  }

  /// Independent standard normal numbers.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - key: Names the draw.
  /// - Returns: `count` numbers.
  static func normals(_ count: Int, key: RandomKey) -> [Float] {
    var stream = RandomStream(key: key)
    return (0..<count).map { _ in Float(stream.nextNormal()) }
  }

  /// The number in [−1, 1] that stands for a pixel.
  static func intensity(_ pixel: UInt8) -> Float { Float(pixel) / 127.5 - 1 }
}
