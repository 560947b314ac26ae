import LaminaNumerics

/// Coordinates of images along the directions in which the pixels of a reference set vary most.
package struct PixelComponents: Sendable {
  /// The mean image of the reference set.
  private let mean: [Double]
  /// One unit direction per column.
  private let directions: [Double]
  /// Directions.
  private let count: Int

  /// The first principal components of a reference set.
  ///
  /// - Parameters:
  ///   - reference: At least two images.
  ///   - limit: Components to keep, at most; there are fewer if the images or the pixels are fewer.
  /// - Throws: ``TorchError``.
  package init(of reference: ImageDataset, limit: Int) throws(TorchError) {
    let rows = try reference.intensities()
    let average = try rows.mean(over: [0], keeping: true)
    let centred = try rows - average
    let (images, pixels) = (reference.count, reference.imageSize)
    count = min(limit, images - 1, pixels)
    // The directions are eigenvectors of XᵀX; those of XXᵀ lead to them and are cheaper when images are few.
    let directions: Tensor
    if images < pixels {
      let gram = try centred.times(centred.transposed()).symmetricEigen()
      let last = try gram.vectors.transposed()[(images - count)..<images]
      let values = try gram.values[(images - count)..<images].clamped(atLeast: .leastNormalMagnitude).squareRoot()
      directions = try centred.transposed().times(last.transposed()) / values
    } else {
      let scatter = try centred.transposed().times(centred).symmetricEigen()
      directions = try scatter.vectors.transposed()[(pixels - count)..<pixels].transposed()
    }
    self.mean = try average.doubles()
    self.directions = try directions.doubles()
  }

  /// Coordinates, one row per image.
  package func callAsFunction(_ images: ImageDataset) throws(TorchError) -> Tensor {
    let rows = try images.intensities() - Tensor(mean, shape: [1, mean.count])
    return try rows.times(Tensor(directions, shape: [mean.count, count]))
  }
}

/// Channel means of three convolution layers with fixed random weights: a summary of texture that nothing was trained for.
struct RandomTextures: Sendable {
  /// Channels of the three layers, 272 together; kernels are 4 by 4 with stride 2, rectifiers follow.
  static let widths = [48, 96, 128]
  private static let batch = 100
  private let weights: [[Float]]
  private let shapes: [[Int]]

  /// Layers for images of `channels` channels; the weights are normal with variance 2/fan-in and the same in all builds.
  init(channels: Int) {
    var inputs = channels
    var weights: [[Float]] = []
    var shapes: [[Int]] = []
    for (layer, width) in Self.widths.enumerated() {
      let fanIn = inputs * 16
      var stream = RandomStream(key: RandomKey(seed: 0x7E57_0272).folding(UInt64(layer)))
      let deviation = (2 / Double(fanIn)).squareRoot()
      weights.append((0..<width * fanIn).map { _ in Float(deviation * stream.nextNormal()) })
      shapes.append([width, inputs, 4, 4])
      inputs = width
    }
    (self.weights, self.shapes) = (weights, shapes)
  }

  /// Features, one row per image.
  func callAsFunction(_ images: ImageDataset) throws(TorchError) -> Tensor {
    try Torch.withoutGradients { () throws(TorchError) in
      var kernels: [Tensor] = []
      for (weight, shape) in zip(weights, shapes) { kernels.append(try Tensor(weight, shape: shape)) }
      var rows: [Tensor] = []
      for start in stride(from: 0, to: images.count, by: Self.batch) {
        var x = try images.tensor(start..<min(start + Self.batch, images.count))
        var means: [Tensor] = []
        for kernel in kernels {
          x = try x.convolved(with: kernel, bias: nil, stride: 2, padding: 1).rectified()
          means.append(try x.mean(over: [2, 3]))
        }
        rows.append(try .joined(means, along: 1))
      }
      return try .joined(rows).doublePrecision()
    }
  }
}

extension ImageDataset {
  /// A batch of images as numbers in [−1, 1] in NCHW order.
  func tensor(_ range: Range<Int>) throws(TorchError) -> Tensor {
    let bytes = pixels[range.lowerBound * imageSize..<range.upperBound * imageSize]
    return try Tensor(bytes.map(BatchSampler.intensity), shape: [range.count, channels, height, width])
  }

  /// All images as rows of numbers in [−1, 1], in double precision.
  package func intensities() throws(TorchError) -> Tensor {
    try Tensor(pixels.map(BatchSampler.intensity), shape: [count, imageSize]).doublePrecision()
  }
}
