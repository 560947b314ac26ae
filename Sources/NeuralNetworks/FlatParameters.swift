import VariationalInequalities

/// The parameters of a network as tensors that are views of one flat vector.
///
/// Loading a point fills the vector in place; the derivatives with respect to ``tensors``, one after the other, are
/// already the dual vector that workers exchange.
package final class FlatParameters {
  /// The layouts in the order of the vector.
  package let layouts: [ParameterLayout]
  /// One view per layout, in the same order; each requires a gradient.
  package let tensors: [Tensor]
  /// The same views by name.
  package let named: [String: Tensor]
  private let storage: FloatStorage

  /// Parameters that are all 0.
  ///
  /// - Parameter layouts: Ranges that follow one another from 0.
  /// - Throws: ``TorchError``.
  package init(_ layouts: [ParameterLayout]) throws(TorchError) {
    let storage = FloatStorage(count: layouts.last?.range.upperBound ?? 0)
    var tensors: [Tensor] = []
    var named: [String: Tensor] = [:]
    for layout in layouts {
      let numbers = UnsafeMutableBufferPointer(rebasing: storage.numbers[layout.range])
      let tensor = try Tensor(borrowing: numbers, shape: layout.shape, requiresGradient: true)
      tensors.append(tensor)
      named[layout.name] = tensor
    }
    self.layouts = layouts
    self.tensors = tensors
    self.named = named
    self.storage = storage
  }

  /// The number of coordinates.
  package var count: Int { storage.numbers.count }

  /// Replaces all parameters, rounded to single precision.
  ///
  /// - Parameter point: `count` coordinates.
  package func load(_ point: Point) {
    precondition(point.count == count, "the point must have one coordinate per parameter")
    let numbers = storage.numbers
    point.withUnsafeBufferPointer { source in
      for i in 0..<source.count { numbers[i] = Float(source[i]) }
    }
  }
}

/// Numbers at an address that does not change, on a boundary of 64 bytes.
private final class FloatStorage {
  let numbers: UnsafeMutableBufferPointer<Float>

  init(count: Int) {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    let all = bytes.bindMemory(to: Float.self)
    all.initialize(repeating: 0)
    numbers = UnsafeMutableBufferPointer(rebasing: all[0..<count])
  }

  deinit { numbers.deallocate() }
}
