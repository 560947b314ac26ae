/// The convolutional networks of DCGAN (arXiv 1511.06434) for images of 32 by 32 pixels.
///
/// With width w and c channels: the generator maps latent → 4w×4×4 → 2w×8×8 → w×16×16 → c×32×32 by a linear layer and
/// three transposed convolutions, batch normalisation and rectifiers between; the critic maps c×32×32 → w×16×16 →
/// 2w×8×8 → 4w×4×4 → 1 by convolutions and leaky rectifiers of slope 0.2. Kernels are 4 by 4. With w = 32, c = 3 and 64
/// latent numbers they have 296 899 and 167 649 parameters.
struct DCGAN: Hashable, Sendable {
  let width: Int
  let channels: Int
  let latentSize: Int
  /// Whether the critic normalises its second and third layer by the batch; its convolutions there have no bias then.
  let normalisesCritic: Bool

  private static let slope = 0.2

  var generatorParameters: [ParameterSpecification] {
    var list = SpecificationBuilder(prefix: "generator", weights: .normal(deviation: 0.02))
    list.linear("linear", from: latentSize, to: 4 * width * 16, bias: false)
    list.normalisation("norm1", channels: 4 * width)
    list.transposedConvolution("conv1", from: 4 * width, to: 2 * width, kernel: 4, bias: false)
    list.normalisation("norm2", channels: 2 * width)
    list.transposedConvolution("conv2", from: 2 * width, to: width, kernel: 4, bias: false)
    list.normalisation("norm3", channels: width)
    list.transposedConvolution("output", from: width, to: channels, kernel: 4, bias: true)
    return list.specifications
  }

  var criticParameters: [ParameterSpecification] {
    var list = SpecificationBuilder(prefix: "critic", weights: normalisesCritic ? .normal(deviation: 0.02) : .he)
    list.convolution("conv1", from: channels, to: width, kernel: 4, bias: true)
    list.convolution("conv2", from: width, to: 2 * width, kernel: 4, bias: !normalisesCritic)
    if normalisesCritic { list.normalisation("norm2", channels: 2 * width) }
    list.convolution("conv3", from: 2 * width, to: 4 * width, kernel: 4, bias: !normalisesCritic)
    if normalisesCritic { list.normalisation("norm3", channels: 4 * width) }
    list.convolution("output", from: 4 * width, to: 1, kernel: 4, bias: true)
    return list.specifications
  }

  /// Images in [−1, 1], [n, channels, 32, 32], of latent vectors [n, latentSize].
  func generate(_ latents: Tensor, _ pass: inout LayerPass) throws(TorchError) -> Tensor {
    var x = try pass.linear(latents, "linear").reshaped([-1, 4 * width, 4, 4])
    x = try pass.rectifier(pass.normalisation(x, "norm1"))
    x = try pass.transposedConvolution(x, "conv1", stride: 2, padding: 1)
    x = try pass.rectifier(pass.normalisation(x, "norm2"))
    x = try pass.transposedConvolution(x, "conv2", stride: 2, padding: 1)
    x = try pass.rectifier(pass.normalisation(x, "norm3"))
    return try pass.transposedConvolution(x, "output", stride: 2, padding: 1).hyperbolicTangent()
  }

  /// Scores, one per image of a batch [n, channels, 32, 32].
  func score(_ images: Tensor, _ pass: inout LayerPass) throws(TorchError) -> Tensor {
    var x = try pass.convolution(images, "conv1", stride: 2, padding: 1)
    x = try pass.leakyRectifier(x, slope: Self.slope)
    for layer in 2...3 {
      x = try pass.convolution(x, "conv\(layer)", stride: 2, padding: 1)
      if normalisesCritic { x = try pass.normalisation(x, "norm\(layer)") }
      x = try pass.leakyRectifier(x, slope: Self.slope)
    }
    return try pass.convolution(x, "output").reshaped([-1])
  }
}
