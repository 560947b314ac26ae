/// A classifier of images of 32 by 32 pixels: the convolutions of a DCGAN critic, and a linear layer of class scores.
///
/// With width w: c×32×32 → w×16×16 → 2w×8×8 → 4w×4×4 by convolutions of 4 by 4 with stride 2 and leaky rectifiers, then
/// 64w numbers → one score per class. With w = 32, c = 3 and 4 classes it has 173,892 parameters.
struct ConvolutionalClassifier: Hashable, Sendable {
  let width: Int
  let channels: Int
  let classes: Int

  static let prefix = "classifier"
  private static let slope = 0.2

  var parameters: [ParameterSpecification] {
    var list = SpecificationBuilder(prefix: Self.prefix, weights: .he)
    list.convolution("conv1", from: channels, to: width, kernel: 4, bias: true)
    list.convolution("conv2", from: width, to: 2 * width, kernel: 4, bias: true)
    list.convolution("conv3", from: 2 * width, to: 4 * width, kernel: 4, bias: true)
    list.linear("head", from: 64 * width, to: classes, bias: true)
    return list.specifications
  }

  /// Scores [n, classes] of a batch [n, channels, 32, 32].
  func scores(_ images: Tensor, _ pass: inout LayerPass) throws(TorchError) -> Tensor {
    var x = images
    for layer in 1...3 {
      x = try pass.convolution(x, "conv\(layer)", stride: 2, padding: 1)
      x = try pass.leakyRectifier(x, slope: Self.slope)
    }
    return try pass.linear(x.reshaped([-1, 64 * width]), "head")
  }
}
