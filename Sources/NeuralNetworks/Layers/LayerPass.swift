/// A walk of a batch through the layers of a network.
///
/// A network is written once as calls of layers and walked in three ways. By *values*: the network itself. *Recording*:
/// the same, and the inputs of the rectifiers are kept. Along the *tangent*: the derivative of the network at the
/// recorded point in the direction of the batch. For a network of affine layers and rectifiers the derivative is the same
/// layers without biases, each rectifier replaced by its slope at the recorded input.
package struct LayerPass {
  private enum Mode { case values, recording, tangent }

  private let mode: Mode
  private let weights: [String: Tensor]
  private let prefix: String
  private var pattern: [Tensor] = []
  private var next = 0

  /// A walk by values.
  ///
  /// - Parameters:
  ///   - weights: The parameters by name.
  ///   - prefix: The first part of the names of this network.
  ///   - recording: Whether to keep the inputs of the rectifiers for a tangent.
  package init(_ weights: [String: Tensor], prefix: String, recording: Bool = false) {
    self.mode = recording ? .recording : .values
    self.weights = weights
    self.prefix = prefix
  }

  /// A walk along the tangent at the point that `recorded` has walked through.
  ///
  /// - Parameter recorded: A finished walk that kept the inputs of its rectifiers.
  package init(tangentOf recorded: LayerPass) {
    precondition(recorded.mode == .recording, "a tangent needs a recorded walk")
    self.mode = .tangent
    self.weights = recorded.weights
    self.prefix = recorded.prefix
    self.pattern = recorded.pattern
  }

  package func linear(_ x: Tensor, _ layer: String) throws(TorchError) -> Tensor {
    try x.linear(weight(layer), bias: bias(layer))
  }

  package func convolution(
    _ x: Tensor, _ layer: String, stride: Int = 1, padding: Int = 0
  ) throws(TorchError) -> Tensor {
    try x.convolved(with: weight(layer), bias: bias(layer), stride: stride, padding: padding)
  }

  package func transposedConvolution(
    _ x: Tensor, _ layer: String, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0
  ) throws(TorchError) -> Tensor {
    try x.transposeConvolved(
      with: weight(layer), bias: bias(layer), stride: stride, padding: padding, outputPadding: outputPadding)
  }

  /// Batch normalisation, which has no tangent of the form above.
  package func normalisation(_ x: Tensor, _ layer: String) throws(TorchError) -> Tensor {
    precondition(mode == .values, "batch normalisation is not piecewise linear")
    return try x.batchNormalised(scale: weight(layer), shift: parameter(layer, "bias"))
  }

  package mutating func rectifier(_ x: Tensor) throws(TorchError) -> Tensor {
    if let point = try frozenInput(recording: x) { return try x.timesRectifierDerivative(at: point) }
    return try x.rectified()
  }

  package mutating func leakyRectifier(_ x: Tensor, slope: Double) throws(TorchError) -> Tensor {
    if let point = try frozenInput(recording: x) { return try x.timesLeakyDerivative(at: point, slope: slope) }
    return try x.leakyRectified(slope: slope)
  }

  /// The recorded input of the next rectifier along a tangent; otherwise records `x` if this walk records.
  private mutating func frozenInput(recording x: Tensor) throws(TorchError) -> Tensor? {
    switch mode {
    case .values: return nil
    case .recording:
      pattern.append(try x.detached())
      return nil
    case .tangent:
      precondition(next < pattern.count, "the tangent must walk through the layers of the recorded walk")
      next += 1
      return pattern[next - 1]
    }
  }

  private func weight(_ layer: String) -> Tensor { parameter(layer, "weight") }

  private func bias(_ layer: String) -> Tensor? {
    mode == .tangent ? nil : weights["\(prefix).\(layer).bias"]
  }

  private func parameter(_ layer: String, _ part: String) -> Tensor {
    guard let tensor = weights["\(prefix).\(layer).\(part)"] else {
      preconditionFailure("the network has no parameter \(prefix).\(layer).\(part)")
    }
    return tensor
  }
}
