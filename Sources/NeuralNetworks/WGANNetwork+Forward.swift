/// The layers behind a description.
enum WGANModel: Hashable, Sendable {
  case dcgan(DCGAN)
  case resNet(ResNetGAN)
}

extension WGANNetwork {
  var model: WGANModel {
    switch architecture {
    case .dcgan(let width):
      .dcgan(DCGAN(width: width, channels: channels, latentSize: latentSize, normalisesCritic: normalisesCritic))
    case .resNet(let filters):
      .resNet(ResNetGAN(filters: filters, channels: channels, latentSize: latentSize))
    }
  }

  /// Whether the critic normalises by the batch, so that the score of an image depends on its neighbours.
  package var normalisesCritic: Bool {
    guard case .dcgan = architecture, case .clipping = constraint else { return false }
    return true
  }

  /// Images in [−1, 1] of latent vectors, normalised by the statistics of this batch.
  ///
  /// - Parameters:
  ///   - latents: One vector of `latentSize` numbers per row.
  ///   - weights: The parameters by name.
  /// - Returns: Images in NCHW order.
  /// - Throws: ``TorchError``.
  package func generate(_ latents: Tensor, weights: [String: Tensor]) throws(TorchError) -> Tensor {
    var pass = LayerPass(weights, prefix: "generator")
    switch model {
    case .dcgan(let model): return try model.generate(latents, &pass)
    case .resNet(let model): return try model.generate(latents, &pass)
    }
  }

  /// The critic's scores, one per image.
  ///
  /// - Parameters:
  ///   - images: A batch in NCHW order; along a tangent, one direction per image.
  ///   - pass: How to walk; it is used up.
  /// - Returns: A vector of scores or, along a tangent, of directional derivatives.
  /// - Throws: ``TorchError``.
  package func score(_ images: Tensor, _ pass: inout LayerPass) throws(TorchError) -> Tensor {
    switch model {
    case .dcgan(let model): try model.score(images, &pass)
    case .resNet(let model): try model.score(images, &pass)
    }
  }
}
