import LaminaNumerics
import NeuralNetworks
import Testing

@Suite("The gradient penalty", .enabled(if: Torch.isAvailable))
struct GradientPenaltyTests {
  private func images(_ count: Int) throws -> Tensor {
    var stream = RandomStream(key: RandomKey(seed: 8))
    return try Tensor((0..<count * 3072).map { _ in Float(stream.nextNormal()) }, shape: [count, 3, 32, 32])
  }

  @Test(
    "The frozen pattern gives the gradient of the double backward pass",
    arguments: [WGANNetwork(.dcgan(width: 32)), WGANNetwork(.dcgan(width: 3)), WGANNetwork(.resNet(filters: 16))])
  func methodsAgree(network: WGANNetwork) throws {
    let parameters = try FlatParameters(network.layouts)
    parameters.load(network.initialPoint(key: RandomKey(seed: 1)))
    let batch = try images(6)
    let both = try GradientPenalty.Method.allCases.map { method in
      let penalty = try GradientPenalty(of: network, at: batch, weights: parameters.named, method: method)
      return (penalty, try penalty.surrogate.flatGradient(parameters.tensors, count: parameters.count))
    }
    let (error, cosine) = comparison(both[0].1[network.criticRange], both[1].1[network.criticRange])
    #expect(error < 1e-5)
    #expect(cosine > 0.999_999)
    #expect(both[0].0.value == both[1].0.value && both[0].0.value > 0)
    #expect(both[0].1[network.generatorRange].allSatisfy { $0 == 0 })
  }

  @Test("A critic with the same gradient everywhere has the penalty of its norm")
  func linearCritic() throws {
    // With kernels that pick one positive path, D(x) is linear on positive images.
    let network = WGANNetwork(.dcgan(width: 1), channels: 1)
    let parameters = try FlatParameters(network.layouts)
    var point = [Double](repeating: 0, count: network.dimension)
    for layout in network.layouts where layout.name.hasPrefix("critic.") && layout.kind == .convolutionWeight {
      point[layout.range.lowerBound + (layout.name == "critic.output.weight" ? 0 : 5)] = 2
    }
    parameters.load(point)
    let ones = try Tensor([Float](repeating: 1, count: 2 * 1024), shape: [2, 1, 32, 32])
    let penalty = try GradientPenalty(of: network, at: ones, weights: parameters.named)
    // Four layers of factor 2 along one path: ‖∇D‖ = 16.
    #expect(penalty.meanNorm == 16)
    #expect(penalty.value == 2 * 15 * 15)
    let gradient = try penalty.surrogate.flatGradient(parameters.tensors, count: parameters.count)
    let output = try #require(network.layouts.first { $0.name == "critic.output.weight" }).range.lowerBound
    // d/dw of 2(8|w| − 1)² at w = 2.
    #expect(abs(gradient[output] - 480) < 1e-3)
  }

  @Test("A critic that is constant has a finite gradient")
  func constantCritic() throws {
    let network = WGANNetwork(.dcgan(width: 2))
    let parameters = try FlatParameters(network.layouts)
    let penalty = try GradientPenalty(of: network, at: images(2), weights: parameters.named)
    #expect(penalty.value == 2 && penalty.meanNorm == 0)
    let gradient = try penalty.surrogate.flatGradient(parameters.tensors, count: parameters.count)
    #expect(gradient.allSatisfy { $0 == 0 })
  }
}
