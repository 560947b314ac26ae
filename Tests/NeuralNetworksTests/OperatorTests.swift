import NeuralNetworks
import Testing

@Suite("Operators against values computed by hand", .enabled(if: Torch.isAvailable))
struct OperatorTests {
  @Test("A tensor returns the numbers and the shape that it was made of")
  func tensorRoundTrip() throws {
    let values: [Float] = [1, -2, 3.5, 0, .infinity, 6]
    let tensor = try Tensor(values, shape: [2, 3])
    #expect(try tensor.shape == [2, 3])
    #expect(try tensor.floats() == values)
    #expect(try Tensor([0.1, 0.2], shape: [2]).doubles() == [0.1, 0.2])
    #expect(try Tensor([Float(0.9), 254.99], shape: [2]).bytes() == [0, 254])
    #expect(try Tensor([7.25], shape: [1, 1]).item() == 7.25)
    #expect(throws: TorchError.self) { try tensor.item() }
  }

  @Test("A view follows the memory that it borrows")
  func viewsBorrow() throws {
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2)
    defer { memory.deallocate() }
    memory.initialize(repeating: 1)
    let view = try Tensor(borrowing: memory, shape: [2])
    memory[1] = 5
    #expect(try view.floats() == [1, 5])
  }

  @Test("A convolution with stride and padding")
  func convolution() throws {
    let image = try Tensor((1...9).map(Float.init), shape: [1, 1, 3, 3])
    let kernel = try Tensor([Float(1), 10, 100, 1000], shape: [1, 1, 2, 2])
    let bias = try Tensor([Float(0.5)], shape: [1])
    #expect(try image.convolved(with: kernel, bias: nil).floats() == [5421, 6532, 8754, 9865])
    let strided = try image.convolved(with: kernel, bias: bias, stride: 2, padding: 1)
    #expect(try strided.shape == [1, 1, 2, 2])
    #expect(try strided.floats() == [1000.5, 3200.5, 7040.5, 9865.5])
  }

  @Test("A transposed convolution spreads its kernel, with room at the end")
  func transposedConvolution() throws {
    let image = try Tensor([Float(2), 3], shape: [1, 1, 1, 2])
    let kernel = try Tensor([Float(1), 10, 100, 1000], shape: [1, 1, 2, 2])
    let spread = try image.transposeConvolved(with: kernel, bias: nil, stride: 2)
    #expect(try spread.floats() == [2, 20, 3, 30, 200, 2000, 300, 3000])
    let point = try Tensor([Float(7)], shape: [1, 1, 1, 1])
    let sparse = try image.transposeConvolved(with: point, bias: nil, stride: 2, outputPadding: 1)
    #expect(try sparse.floats() == [14, 0, 21, 0, 0, 0, 0, 0])
  }

  @Test("A fully connected layer and a product of matrices")
  func matrices() throws {
    let x = try Tensor([Float(1), 2], shape: [1, 2])
    let weight = try Tensor([Float(1), 0, 3, 4, 5, 6], shape: [3, 2])
    let bias = try Tensor([Float(0.5), 0, -1], shape: [3])
    #expect(try x.linear(weight, bias: bias).floats() == [1.5, 11, 16])
    #expect(try weight.times(x.transposed()).floats() == [1, 11, 17])
    #expect(try weight.transposed().shape == [2, 3])
  }

  @Test("Batch normalisation uses the statistics of the batch")
  func batchNormalisation() throws {
    let x = try Tensor([Float(1), 3, 5, 7], shape: [4, 1, 1, 1])
    let scale = try Tensor([Float(2)], shape: [1])
    let shift = try Tensor([Float(10)], shape: [1])
    let y = try x.batchNormalised(scale: scale, shift: shift).floats()
    for (value, deviation) in zip(y, [-3, -1, 1, 3]) {
      #expect(abs(Double(value) - (10 + 2 * Double(deviation) / (5 + 1e-5).squareRoot())) < 1e-5)
    }
  }

  @Test("Rectifiers and the products with their derivatives")
  func rectifiers() throws {
    let x = try Tensor([Float(-4), 0, 4], shape: [3])
    let v = try Tensor([Float(10), 20, 30], shape: [3])
    #expect(try x.rectified().floats() == [0, 0, 4])
    #expect(try x.leakyRectified(slope: 0.25).floats() == [-1, 0, 4])
    #expect(try v.timesRectifierDerivative(at: x).floats() == [0, 0, 30])
    #expect(try v.timesLeakyDerivative(at: x, slope: 0.25).floats() == [2.5, 5, 30])
    #expect(try x.hyperbolicTangent().floats()[1] == 0)
  }

  @Test("Arithmetic, sums and slices")
  func arithmetic() throws {
    let a = try Tensor([Float(1), 2, 3, 4], shape: [2, 2])
    let b = try Tensor([Float(10), 20], shape: [1, 2])
    #expect(try (a + b).floats() == [11, 22, 13, 24])
    #expect(try (a - b).floats() == [-9, -18, -7, -16])
    #expect(try (a * b).floats() == [10, 40, 30, 80])
    #expect(try (b / a).floats() == [10, 10, 10.0 / 3, 5])
    #expect(try ((a + 1) * 2).floats() == [4, 6, 8, 10])
    #expect(try a.sum().item() == 10)
    #expect(try a.sum(over: [0]).floats() == [4, 6])
    #expect(try a.mean(over: [1], keeping: true).shape == [2, 1])
    #expect(try a[1..<2].floats() == [3, 4])
    #expect(try Tensor.joined([a, b]).shape == [3, 2])
    #expect(try a.squareRoot().floats()[3] == 2)
    #expect(try a.clamped(atLeast: 2.5).floats() == [2.5, 2.5, 3, 4])
  }

  @Test("Eigenvalues of a symmetric matrix ascend and rebuild it")
  func eigenvalues() throws {
    let (values, vectors) = try Tensor([2.0, 1, 1, 2], shape: [2, 2]).symmetricEigen()
    let found = try values.doubles()
    #expect(abs(found[0] - 1) < 1e-12 && abs(found[1] - 3) < 1e-12)
    let rebuilt = try (vectors * values).times(vectors.transposed()).doubles()
    for (x, y) in zip(rebuilt, [2.0, 1, 1, 2]) { #expect(abs(x - y) < 1e-12) }
  }

  @Test("A refusal names the operator and the reason, in one line of LibTorch's own")
  func refusals() throws {
    let a = try Tensor([Float(1), 2], shape: [2])
    let b = try Tensor([Float(1), 2, 3], shape: [3])
    #expect { try a + b } throws: { error in
      guard case TorchError.failed("add", let reason) = error else { return false }
      return reason.contains("must match") && !reason.contains("frame #")
    }
    #expect(throws: TorchError.self) { try Operator("no_such_operator")(.tensor(a)) }
    #expect(throws: TorchError.self) { try Operator("relu")(.tensor(a), .tensor(a), .tensor(a)) }
    #expect(throws: TorchError.self) { try Operator("relu")() }
    #expect(throws: TorchError.self) { try Operator("relu")(.int(3)) }
  }

  @Test("Every kind of argument reaches its operator")
  func argumentKinds() throws {
    let image = try Tensor((1...4).map(Float.init), shape: [1, 1, 2, 2])
    let kernel = try Tensor([Float(3)], shape: [1, 1, 1, 1])
    let ones = try Tensor([Float](repeating: 1, count: 4), shape: [1, 1, 2, 2])
    let results = try Operator("convolution_backward").call([
      .tensor(ones), .tensor(image), .tensor(kernel), .ints([1]), .ints([1, 1]), .ints([0, 0]), .ints([1, 1]),
      .bool(false), .ints([0, 0]), .int(1), .bools([true, true, true]),
    ])
    #expect(try results.map { try $0.floats() } == [[3, 3, 3, 3], [10], [4]])
    let larger = try Operator("upsample_nearest2d", overload: "vec")(.tensor(image), .none, .reals([2, 2]))
    #expect(try larger.floats() == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
    let parts = try Operator("split", overload: "Tensor").call([.tensor(kernel.reshaped([1])), .int(1), .int(0)])
    #expect(parts.count == 1)
  }
}
