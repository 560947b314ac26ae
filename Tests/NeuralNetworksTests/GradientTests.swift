import LaminaNumerics
import NeuralNetworks
import Testing

@Suite("Gradients", .enabled(if: Torch.isAvailable))
struct GradientTests {
  /// A sum of tanh of a rectified convolution and a transposed one, in double precision.
  private func value(_ parameters: [Tensor]) throws -> Tensor {
    var stream = RandomStream(key: RandomKey(seed: 3))
    let image = try Tensor((0..<36).map { _ in stream.nextNormal() }, shape: [1, 1, 6, 6])
    var x = try image.convolved(with: parameters[0], bias: parameters[1], stride: 2, padding: 1)
    x = try x.leakyRectified(slope: 0.2)
    return try x.transposeConvolved(with: parameters[2], bias: nil, stride: 2, padding: 1).hyperbolicTangent().sum()
  }

  @Test("Derivatives of a small network agree with central differences to 1e-8")
  func finiteDifferences() throws {
    let shapes = [[2, 1, 4, 4], [2], [2, 1, 4, 4]]
    var stream = RandomStream(key: RandomKey(seed: 4))
    let numbers = shapes.map { shape in (0..<shape.reduce(1, *)).map { _ in 0.3 * stream.nextNormal() } }
    let tensors = try zip(numbers, shapes).map { try Tensor($0, shape: $1).detached(requiresGradient: true) }
    let gradients = try value(tensors).gradients(tensors).map { try $0.doubles() }
    let step = 1e-5
    for (index, shape) in shapes.enumerated() {
      for coordinate in 0..<numbers[index].count {
        let ends = try [step, -step].map { change in
          var moved = numbers[index]
          moved[coordinate] += change
          var replaced = tensors
          replaced[index] = try Tensor(moved, shape: shape)
          return try value(replaced).item()
        }
        #expect(abs((ends[0] - ends[1]) / (2 * step) - gradients[index][coordinate]) < 1e-8)
      }
    }
  }

  @Test("A flat gradient is the gradients side by side, and 0 where nothing depends on an input")
  func flatGradient() throws {
    let a = try Tensor([Float(2), 3], shape: [2]).detached(requiresGradient: true)
    let unused = try Tensor([Float(1), 1, 1], shape: [3]).detached(requiresGradient: true)
    let b = try Tensor([Float(5)], shape: [1]).detached(requiresGradient: true)
    #expect(try (a * b).flatGradient([a, unused, b], count: 6) == [5, 5, 0, 0, 0, 5])
    #expect(try (a * b).gradients([unused])[0].floats() == [0, 0, 0])
    #expect(throws: TorchError.self) { try (a * b).flatGradient([a], count: 3) }
  }

  @Test("A differentiable gradient gives second derivatives")
  func secondDerivatives() throws {
    let x = try Tensor([2.0, 3], shape: [2]).detached(requiresGradient: true)
    let first = try (x * x * x).gradients([x], differentiable: true)[0]
    #expect(try first.doubles() == [12, 27])
    #expect(try first.gradients([x])[0].doubles() == [12, 18])
  }

  @Test("Nothing is recorded inside withoutGradients, and recording resumes after it")
  func withoutGradients() throws {
    let x = try Tensor([2.0], shape: [1]).detached(requiresGradient: true)
    let unrecorded = try Torch.withoutGradients { () throws(TorchError) in try x * x }
    #expect(throws: TorchError.self) { try unrecorded.gradients([x]) }
    #expect(try (x * x).gradients([x])[0].item() == 4)
  }
}
