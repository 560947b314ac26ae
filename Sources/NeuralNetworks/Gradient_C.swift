import CTorchShims

extension Tensor {
  /// Derivatives of the sum of this tensor's elements, as tensors.
  ///
  /// - Parameters:
  ///   - inputs: Tensors that require a gradient; one that this tensor does not depend on has derivative zero.
  ///   - differentiable: Whether the derivatives can be differentiated again; this keeps the graph.
  /// - Returns: One tensor per input, of its shape.
  /// - Throws: ``TorchError``.
  package func gradients(_ inputs: [Tensor], differentiable: Bool = false) throws(TorchError) -> [Tensor] {
    let handles = inputs.map { Optional($0.handle) }
    var results = [OpaquePointer?](repeating: nil, count: inputs.count)
    let status = withExtendedLifetime((self, inputs)) {
      laminat_gradients(handle, handles, handles.count, differentiable ? 1 : 0, &results)
    }
    try Torch.check(status, "a gradient")
    return results.compactMap { $0.map { Tensor(owning: $0) } }
  }

  /// Derivatives of the sum of this tensor's elements, one input after the other in one vector.
  ///
  /// - Parameters:
  ///   - inputs: Tensors that require a gradient; one that this tensor does not depend on has derivative zero.
  ///   - count: The number of elements of all inputs together.
  /// - Returns: `count` numbers.
  /// - Throws: ``TorchError``.
  package func flatGradient(_ inputs: [Tensor], count: Int) throws(TorchError) -> [Float] {
    let handles = inputs.map { Optional($0.handle) }
    var status = laminat_status()
    let gradient = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      status = withExtendedLifetime((self, inputs)) {
        laminat_flat_gradient(handle, handles, handles.count, buffer.baseAddress, count)
      }
      initialized = status.code == LAMINAT_OK ? count : 0
    }
    try Torch.check(status, "a gradient")
    return gradient
  }
}
