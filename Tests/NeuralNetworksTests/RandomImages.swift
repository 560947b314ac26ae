import LaminaNumerics
import NeuralNetworks

extension ImageDataset {
  /// Images of smooth random stripes, so that pixels are correlated as in pictures.
  static func stripes(_ count: Int, channels: Int = 3, side: Int = 32, seed: UInt64 = 1) -> ImageDataset {
    var stream = RandomStream(key: RandomKey(seed: seed))
    var pixels: [UInt8] = []
    pixels.reserveCapacity(count * channels * side * side)
    for _ in 0..<count * channels {
      let (across, down, level) = (stream.nextUnit() - 0.5, stream.nextUnit() - 0.5, stream.nextUnit())
      for row in 0..<side {
        for column in 0..<side {
          let wave = level + (across * Double(column) + down * Double(row)) / Double(side) + 0.1 * stream.nextUnit()
          pixels.append(UInt8(min(max(255 * wave, 0), 255)))
        }
      }
    }
    return ImageDataset(name: "stripes", channels: channels, height: side, width: side, pixels: pixels)
  }
}

/// ‖a − b‖/‖b‖ and the cosine of the angle between a and b.
func comparison(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> (error: Double, cosine: Double) {
  var (difference, dot, normA, normB) = (0.0, 0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    let (x, y) = (Double(x), Double(y))
    difference += (x - y) * (x - y)
    dot += x * y
    normA += x * x
    normB += y * y
  }
  return ((difference / normB).squareRoot(), dot / (normA * normB).squareRoot())
}
