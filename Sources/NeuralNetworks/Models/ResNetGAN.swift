/// The residual networks on which Q-GenX (arXiv 2308.09187) trains its Wasserstein GAN, for images of 32 by 32 pixels.
///
/// Every block adds a shortcut to two convolutions, each after a rectifier; all layers have f filters. The generator
/// maps latent → f×4×4 and doubles the size in three blocks, with batch normalisation before each rectifier. The critic
/// halves it in two blocks, keeps it in two more, and averages over the 8 by 8 positions; it has no normalisation, hence is
/// piecewise linear. With f = 128, 128 latent numbers and 3 channels they have 1 548 547 and 1 053 825 parameters.
struct ResNetGAN: Hashable, Sendable {
  let filters: Int
  let channels: Int
  let latentSize: Int

  var generatorParameters: [ParameterSpecification] {
    var list = SpecificationBuilder(prefix: "generator", weights: .he)
    list.linear("linear", from: latentSize, to: filters * 16, bias: true)
    for block in 1...3 {
      list.normalisation("block\(block).norm1", channels: filters)
      list.transposedConvolution("block\(block).conv1", from: filters, to: filters, kernel: 4, bias: true)
      list.normalisation("block\(block).norm2", channels: filters)
      list.convolution("block\(block).conv2", from: filters, to: filters, kernel: 3, bias: true)
      list.transposedConvolution("block\(block).shortcut", from: filters, to: filters, kernel: 1, bias: true)
    }
    list.normalisation("norm", channels: filters)
    list.convolution("output", from: filters, to: channels, kernel: 3, bias: true)
    return list.specifications
  }

  var criticParameters: [ParameterSpecification] {
    var list = SpecificationBuilder(prefix: "critic", weights: .he)
    for block in 1...4 {
      let inputs = block == 1 ? channels : filters
      list.convolution("block\(block).conv1", from: inputs, to: filters, kernel: 3, bias: true)
      list.convolution("block\(block).conv2", from: filters, to: filters, kernel: 3, bias: true)
      if block <= 2 { list.convolution("block\(block).shortcut", from: inputs, to: filters, kernel: 1, bias: true) }
    }
    list.linear("output", from: filters, to: 1, bias: true)
    return list.specifications
  }

  /// Images in [−1, 1], [n, channels, 32, 32], of latent vectors [n, latentSize].
  func generate(_ latents: Tensor, _ pass: inout LayerPass) throws(TorchError) -> Tensor {
    var x = try pass.linear(latents, "linear").reshaped([-1, filters, 4, 4])
    for block in 1...3 {
      let name = "block\(block)"
      var y = try pass.rectifier(pass.normalisation(x, "\(name).norm1"))
      y = try pass.transposedConvolution(y, "\(name).conv1", stride: 2, padding: 1)
      y = try pass.rectifier(pass.normalisation(y, "\(name).norm2"))
      y = try pass.convolution(y, "\(name).conv2", padding: 1)
      x = try y + pass.transposedConvolution(x, "\(name).shortcut", stride: 2, outputPadding: 1)
    }
    x = try pass.rectifier(pass.normalisation(x, "norm"))
    return try pass.convolution(x, "output", padding: 1).hyperbolicTangent()
  }

  /// Scores, one per image of a batch [n, channels, 32, 32].
  func score(_ images: Tensor, _ pass: inout LayerPass) throws(TorchError) -> Tensor {
    var x = images
    for block in 1...4 {
      let name = "block\(block)"
      let stride = block <= 2 ? 2 : 1
      var y = block == 1 ? x : try pass.rectifier(x)
      y = try pass.rectifier(pass.convolution(y, "\(name).conv1", padding: 1))
      y = try pass.convolution(y, "\(name).conv2", stride: stride, padding: 1)
      x = try stride == 2 ? y + pass.convolution(x, "\(name).shortcut", stride: 2) : y + x
    }
    x = try pass.rectifier(x).mean(over: [2, 3])
    return try pass.linear(x, "output").reshaped([-1])
  }
}
