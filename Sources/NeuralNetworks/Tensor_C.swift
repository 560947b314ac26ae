import CTorchShims

/// One owned reference to a LibTorch tensor.
///
/// Swift may free an object after its last use, before the end of the scope. Every call into C here therefore keeps the
/// tensors it passes alive by `withExtendedLifetime`. A tensor belongs to the thread that made it.
package final class Tensor {
  let handle: OpaquePointer

  /// Takes over a reference that the C interface returned.
  init(owning handle: OpaquePointer) { self.handle = handle }

  deinit { laminat_release(handle) }

  /// A view of `data`, which must outlive the tensor and everything that is computed from it.
  ///
  /// - Parameters:
  ///   - data: As many numbers as the shape has elements, in row-major order.
  ///   - shape: Sizes of the dimensions.
  ///   - requiresGradient: Whether derivatives with respect to this tensor will be asked for.
  /// - Throws: ``TorchError``.
  package convenience init(
    borrowing data: UnsafeMutableBufferPointer<Float>, shape: [Int], requiresGradient: Bool = false
  ) throws(TorchError) {
    precondition(data.count == shape.reduce(1, *), "the shape must have as many elements as the data")
    let sizes = shape.map(Int64.init)
    self.init(
      owning: try Tensor.made("a view of memory") { out in
        laminat_tensor_borrowing(data.baseAddress, sizes, sizes.count, requiresGradient ? 1 : 0, out)
      })
  }

  /// A tensor of single precision with a copy of `values`.
  ///
  /// - Parameters:
  ///   - values: The elements in row-major order.
  ///   - shape: Sizes of the dimensions.
  /// - Throws: ``TorchError``.
  package convenience init(_ values: [Float], shape: [Int]) throws(TorchError) {
    self.init(owning: try Tensor.copy(of: values, type: LAMINAT_FLOAT32, shape: shape))
  }

  /// A tensor of double precision with a copy of `values`.
  ///
  /// - Parameters:
  ///   - values: The elements in row-major order.
  ///   - shape: Sizes of the dimensions.
  /// - Throws: ``TorchError``.
  package convenience init(_ values: [Double], shape: [Int]) throws(TorchError) {
    self.init(owning: try Tensor.copy(of: values, type: LAMINAT_FLOAT64, shape: shape))
  }

  /// The sizes of the dimensions.
  package var shape: [Int] {
    get throws(TorchError) {
      var sizes = [Int64](repeating: 0, count: Int(LAMINAT_MAX_RANK))
      var rank = 0
      try Torch.check(withExtendedLifetime(self) { laminat_shape(handle, &sizes, &rank) }, "a shape")
      return sizes.prefix(rank).map(Int.init)
    }
  }

  /// The elements in single precision, in row-major order.
  ///
  /// - Returns: A copy.
  /// - Throws: ``TorchError``.
  package func floats() throws(TorchError) -> [Float] {
    var values = [Float](repeating: 0, count: try shape.reduce(1, *))
    try read(LAMINAT_FLOAT32, into: &values)
    return values
  }

  /// The elements in double precision, in row-major order.
  ///
  /// - Returns: A copy.
  /// - Throws: ``TorchError``.
  package func doubles() throws(TorchError) -> [Double] {
    var values = [Double](repeating: 0, count: try shape.reduce(1, *))
    try read(LAMINAT_FLOAT64, into: &values)
    return values
  }

  /// The elements converted to bytes, in row-major order; they must lie within 0...255.
  ///
  /// - Returns: A copy.
  /// - Throws: ``TorchError``.
  package func bytes() throws(TorchError) -> [UInt8] {
    var values = [UInt8](repeating: 0, count: try shape.reduce(1, *))
    try read(LAMINAT_UINT8, into: &values)
    return values
  }

  /// The only element.
  ///
  /// - Returns: Its value.
  /// - Throws: ``TorchError`` if there is not exactly one element.
  package func item() throws(TorchError) -> Double {
    var values = [0.0]
    try read(LAMINAT_FLOAT64, into: &values)
    return values[0]
  }

  /// The same values outside the graph of derivatives, or as a new leaf of it.
  ///
  /// - Parameter requiresGradient: Whether derivatives with respect to the new tensor will be asked for.
  /// - Returns: A tensor that shares memory with this one.
  /// - Throws: ``TorchError``.
  package func detached(requiresGradient: Bool = false) throws(TorchError) -> Tensor {
    try Tensor(
      owning: Tensor.made("detach") { out in
        withExtendedLifetime(self) { laminat_detach(handle, requiresGradient ? 1 : 0, out) }
      })
  }

  /// How operators name double precision.
  static var doublePrecisionCode: Int { Int(LAMINAT_FLOAT64.rawValue) }

  private func read<Element>(_ type: laminat_scalar_type, into values: inout [Element]) throws(TorchError) {
    let count = values.count
    let status = values.withUnsafeMutableBytes { buffer in
      withExtendedLifetime(self) { laminat_read(handle, type, buffer.baseAddress, count) }
    }
    try Torch.check(status, "reading \(count) elements")
  }

  private static func copy<Element>(
    of values: [Element], type: laminat_scalar_type, shape: [Int]
  ) throws(TorchError) -> OpaquePointer {
    precondition(values.count == shape.reduce(1, *), "the shape must have as many elements as the values")
    let sizes = shape.map(Int64.init)
    return try made("a copy of memory") { out in
      values.withUnsafeBytes { laminat_tensor_copying($0.baseAddress, type, sizes, sizes.count, out) }
    }
  }

  /// Calls a function that returns one tensor.
  static func made(
    _ operation: String, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> laminat_status
  ) throws(TorchError) -> OpaquePointer {
    var handle: OpaquePointer?
    try Torch.check(body(&handle), operation)
    guard let handle else { throw .failed(operation: operation, reason: "no tensor came back") }
    return handle
  }
}
