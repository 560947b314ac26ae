import LaminaNumerics
import VariationalInequalities

extension WGANNetwork {
  /// Images that are generated together, and normalised by their common statistics.
  static let evaluationBatch = 100

  /// Images of the generator, for grids and for ``FrechetDistance``.
  ///
  /// The generator normalises by the batch; it runs on batches of 100 here, so that the first images are the same however
  /// many are asked for.
  ///
  /// - Parameters:
  ///   - count: Images, at least 1.
  ///   - point: A point of the network's dimension, usually an average of iterates.
  ///   - key: Names the latent vectors; with one key throughout a run the pictures can be compared.
  /// - Returns: Bytes in NCHW order, −1 ↦ 0 and 1 ↦ 255.
  /// - Throws: ``TorchError/unavailable`` without LibTorch.
  public func samples(_ count: Int, at point: Point, key: RandomKey) throws(TorchError) -> ImageDataset {
    precondition(count > 0, "at least one image is sampled")
    try Torch.useOneThread()
    let parameters = try FlatParameters(layouts)
    parameters.load(point)
    let batch = Self.evaluationBatch
    let imageSize = channels * Self.imageSide * Self.imageSide
    var pixels: [UInt8] = []
    pixels.reserveCapacity((count + batch - 1) / batch * batch * imageSize)
    while pixels.count < count * imageSize {
      let index = UInt64(pixels.count / (batch * imageSize))
      let latents = BatchSampler.normals(batch * latentSize, key: key.folding(index))
      pixels += try Torch.withoutGradients { () throws(TorchError) in
        let images = try generate(Tensor(latents, shape: [batch, latentSize]), weights: parameters.named)
        // Conversion to bytes cuts fractions off: one half more rounds.
        return try (images * 127.5 + 128).bytes()
      }
    }
    pixels.removeSubrange((count * imageSize)...)
    return ImageDataset(
      name: "samples", channels: channels, height: Self.imageSide, width: Self.imageSide, pixels: pixels)
  }
}
