import LaminaNumerics
import NeuralNetworks
import Testing

@Suite("Builds with and without LibTorch")
struct TorchAvailabilityTests {
  @Test("The package trait decides whether LibTorch is there")
  func traitDecides() {
    #if Torch
      #expect(Torch.isAvailable)
    #else
      #expect(!Torch.isAvailable)
    #endif
  }

  @Test("Without LibTorch every entry says so", .disabled(if: Torch.isAvailable))
  func everyEntrySaysSo() {
    let network = WGANNetwork(.dcgan(width: 2))
    let images = ImageDataset.stripes(4)
    #expect(throws: TorchError.unavailable) { try WGANOracle(network: network, dataset: images) }
    #expect(throws: TorchError.unavailable) { try FrechetDistance(real: images) }
    #expect(throws: TorchError.unavailable) {
      try network.samples(1, at: network.initialPoint(key: RandomKey(seed: 1)), key: RandomKey(seed: 2))
    }
    #expect(throws: TorchError.unavailable) { try Tensor([Float(1)], shape: [1]) }
    #expect(throws: TorchError.unavailable) { try Operator("relu")() }
    #expect(throws: TorchError.unavailable) { try Torch.useOneThread() }
    #expect("\(TorchError.unavailable)".contains("--traits Torch"))
  }
}
