/// The layers of the networks, as functions of their parameters; images are NCHW.
extension Tensor {
  /// A convolution with square stride and padding; `weight` is [out, in, rows, columns].
  package func convolved(
    with weight: Tensor, bias: Tensor?, stride: Int = 1, padding: Int = 0
  ) throws(TorchError) -> Tensor {
    try Operator("conv2d")(
      .tensor(self), .tensor(weight), .optional(bias), .ints([stride, stride]), .ints([padding, padding]))
  }

  /// A transposed convolution with square stride and padding; `weight` is [in, out, rows, columns].
  package func transposeConvolved(
    with weight: Tensor, bias: Tensor?, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0
  ) throws(TorchError) -> Tensor {
    try Operator("conv_transpose2d", overload: "input")(
      .tensor(self), .tensor(weight), .optional(bias), .ints([stride, stride]), .ints([padding, padding]),
      .ints([outputPadding, outputPadding]))
  }

  /// x·Wᵀ + b; `weight` is [out, in].
  package func linear(_ weight: Tensor, bias: Tensor?) throws(TorchError) -> Tensor {
    try Operator("linear")(.tensor(self), .tensor(weight), .optional(bias))
  }

  /// Channels normalised by the mean and variance of this batch, then scaled and shifted.
  package func batchNormalised(scale: Tensor, shift: Tensor) throws(TorchError) -> Tensor {
    try Operator("batch_norm")(
      .tensor(self), .tensor(scale), .tensor(shift), .none, .none, .bool(true), .real(0.1), .real(1e-5), .bool(false))
  }

  /// max(x, slope·x).
  package func leakyRectified(slope: Double) throws(TorchError) -> Tensor {
    try Operator("leaky_relu")(.tensor(self), .real(slope))
  }

  /// This tensor times the derivative of max(x, slope·x) at x = `point`; differentiable in this tensor.
  package func timesLeakyDerivative(at point: Tensor, slope: Double) throws(TorchError) -> Tensor {
    try Operator("leaky_relu_backward")(.tensor(self), .tensor(point), .real(slope), .bool(false))
  }

  /// max(x, 0).
  package func rectified() throws(TorchError) -> Tensor { try Operator("relu")(.tensor(self)) }

  /// This tensor where `point` is positive, else 0; differentiable in this tensor.
  package func timesRectifierDerivative(at point: Tensor) throws(TorchError) -> Tensor {
    try Operator("threshold_backward")(.tensor(self), .tensor(point), .real(0))
  }

  /// The hyperbolic tangent.
  package func hyperbolicTangent() throws(TorchError) -> Tensor { try Operator("tanh")(.tensor(self)) }
}
