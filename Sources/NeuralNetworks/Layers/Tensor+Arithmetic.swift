/// Thin names for the operators that the networks use; shapes broadcast as in LibTorch.
extension Tensor {
  package static func + (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
    try Operator("add", overload: "Tensor")(.tensor(left), .tensor(right))
  }

  package static func - (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
    try Operator("sub", overload: "Tensor")(.tensor(left), .tensor(right))
  }

  package static func * (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
    try Operator("mul", overload: "Tensor")(.tensor(left), .tensor(right))
  }

  package static func / (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
    try Operator("div", overload: "Tensor")(.tensor(left), .tensor(right))
  }

  package static func + (left: Tensor, right: Double) throws(TorchError) -> Tensor {
    try Operator("add", overload: "Scalar")(.tensor(left), .real(right))
  }

  package static func * (left: Tensor, right: Double) throws(TorchError) -> Tensor {
    try Operator("mul", overload: "Scalar")(.tensor(left), .real(right))
  }

  /// The elementwise square root.
  package func squareRoot() throws(TorchError) -> Tensor { try Operator("sqrt")(.tensor(self)) }

  /// Elements below `bound` replaced by it.
  package func clamped(atLeast bound: Double) throws(TorchError) -> Tensor {
    try Operator("clamp_min")(.tensor(self), .real(bound))
  }

  /// The sum of all elements, without dimensions.
  package func sum() throws(TorchError) -> Tensor { try Operator("sum")(.tensor(self)) }

  /// Sums over some dimensions.
  package func sum(over dimensions: [Int], keeping: Bool = false) throws(TorchError) -> Tensor {
    try Operator("sum", overload: "dim_IntList")(.tensor(self), .ints(dimensions), .bool(keeping))
  }

  /// Means over some dimensions.
  package func mean(over dimensions: [Int], keeping: Bool = false) throws(TorchError) -> Tensor {
    try Operator("mean", overload: "dim")(.tensor(self), .ints(dimensions), .bool(keeping))
  }

  /// The same elements in another shape.
  package func reshaped(_ shape: [Int]) throws(TorchError) -> Tensor {
    try Operator("reshape")(.tensor(self), .ints(shape))
  }

  /// The same values in double precision.
  package func doublePrecision() throws(TorchError) -> Tensor {
    try Operator("to", overload: "dtype")(.tensor(self), .int(Tensor.doublePrecisionCode))
  }

  /// A range of the first dimension.
  package subscript(rows: Range<Int>) -> Tensor {
    get throws(TorchError) {
      try Operator("slice", overload: "Tensor")(
        .tensor(self), .int(0), .int(rows.lowerBound), .int(rows.upperBound), .int(1))
    }
  }

  /// Tensors joined along a dimension.
  package static func joined(_ tensors: [Tensor], along dimension: Int = 0) throws(TorchError) -> Tensor {
    try Operator("cat")(.tensors(tensors), .int(dimension))
  }

  /// The product of two matrices.
  package func times(_ right: Tensor) throws(TorchError) -> Tensor {
    try Operator("matmul")(.tensor(self), .tensor(right))
  }

  /// A matrix with its rows and columns exchanged.
  package func transposed() throws(TorchError) -> Tensor { try Operator("t")(.tensor(self)) }

  /// Eigenvalues in ascending order and the eigenvectors, as columns, of a symmetric matrix.
  package func symmetricEigen() throws(TorchError) -> (values: Tensor, vectors: Tensor) {
    let results = try Operator("linalg_eigh").call([.tensor(self)])
    return (results[0], results[1])
  }
}
