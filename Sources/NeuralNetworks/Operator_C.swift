import CTorchShims

/// One argument of an ATen operator.
package enum Argument {
  /// An optional argument that is left empty.
  case none
  case tensor(Tensor)
  case tensors([Tensor])
  case int(Int)
  case real(Double)
  case bool(Bool)
  case ints([Int])
  case reals([Double])
  case bools([Bool])

  /// A tensor, or an empty optional.
  static func optional(_ tensor: Tensor?) -> Argument { tensor.map { .tensor($0) } ?? .none }
}

/// An ATen operator by its name in the schema, such as `conv_transpose2d` with overload `input`.
///
/// Calls go through the boxed dispatcher and cost about two microseconds; derivatives are recorded as in any LibTorch
/// program. Arguments left out at the end take the defaults of the schema.
package struct Operator: Hashable, Sendable {
  package let name: String
  package let overload: String

  /// The operator `aten::name.overload`.
  ///
  /// - Parameters:
  ///   - name: Its name without a namespace.
  ///   - overload: The part of the schema's name after the point, or nothing.
  package init(_ name: String, overload: String = "") {
    self.name = name
    self.overload = overload
  }

  /// Calls an operator with one result.
  ///
  /// - Parameter arguments: As the schema orders them.
  /// - Returns: The result.
  /// - Throws: ``TorchError``, also if there is not exactly one result.
  package func callAsFunction(_ arguments: Argument...) throws(TorchError) -> Tensor {
    let results = try call(arguments)
    guard results.count == 1 else { throw .failed(operation: name, reason: "\(results.count) results instead of 1") }
    return results[0]
  }

  /// Calls an operator whose results are tensors or lists of tensors.
  ///
  /// - Parameter arguments: As the schema orders them.
  /// - Returns: All resulting tensors.
  /// - Throws: ``TorchError``.
  package func call(_ arguments: [Argument]) throws(TorchError) -> [Tensor] {
    let arena = ArgumentArena()
    let values = arguments.map(arena.value)
    let capacity = 8
    var results = [laminat_value](repeating: laminat_value(), count: capacity)
    var count = 0
    let status = withExtendedLifetime((arguments, arena)) {
      laminat_call("aten::" + name, overload, values, values.count, &results, capacity, &count)
    }
    try Torch.check(status, name)
    return results.prefix(count).compactMap { result in result.tensor.map { Tensor(owning: $0) } }
  }
}

/// Owns the lists that the C form of arguments points to.
private final class ArgumentArena {
  private var integers: [UnsafeMutableBufferPointer<Int64>] = []
  private var reals: [UnsafeMutableBufferPointer<Double>] = []
  private var tensors: [UnsafeMutableBufferPointer<OpaquePointer?>] = []

  deinit {
    integers.forEach { $0.deallocate() }
    reals.forEach { $0.deallocate() }
    tensors.forEach { $0.deallocate() }
  }

  func value(_ argument: Argument) -> laminat_value {
    var value = laminat_value()
    switch argument {
    case .none: value.kind = LAMINAT_NONE
    case .tensor(let tensor): (value.kind, value.tensor) = (LAMINAT_TENSOR, tensor.handle)
    case .int(let integer): (value.kind, value.integer) = (LAMINAT_INT, Int64(integer))
    case .real(let real): (value.kind, value.real) = (LAMINAT_REAL, real)
    case .bool(let flag): (value.kind, value.integer) = (LAMINAT_BOOL, flag ? 1 : 0)
    case .ints(let list):
      value.kind = LAMINAT_INTS
      (value.integers, value.count) = (keep(list.map(Int64.init), in: &integers), list.count)
    case .bools(let list):
      value.kind = LAMINAT_BOOLS
      (value.integers, value.count) = (keep(list.map { $0 ? 1 : 0 }, in: &integers), list.count)
    case .reals(let list):
      value.kind = LAMINAT_REALS
      (value.reals, value.count) = (keep(list, in: &reals), list.count)
    case .tensors(let list):
      value.kind = LAMINAT_TENSORS
      (value.tensors, value.count) = (keep(list.map { $0.handle }, in: &tensors), list.count)
    }
    return value
  }

  private func keep<Element>(
    _ list: [Element], in lists: inout [UnsafeMutableBufferPointer<Element>]
  ) -> UnsafePointer<Element>? {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: list.count)
    _ = copy.initialize(from: list)
    lists.append(copy)
    return copy.baseAddress.map { UnsafePointer($0) }
  }
}
