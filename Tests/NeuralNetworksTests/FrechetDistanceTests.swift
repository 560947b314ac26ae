import LaminaNumerics
import NeuralNetworks
import Testing

@Suite("Fréchet distances", .enabled(if: Torch.isAvailable))
struct FrechetDistanceTests {
  @Test("Normal laws with diagonal covariances have the distance of their deviations")
  func diagonal() throws {
    let a = GaussianSummary(mean: [1, 2, 0], covariance: [4, 0, 0, 0, 9, 0, 0, 0, 0])
    let b = GaussianSummary(mean: [0, 2, 3], covariance: [1, 0, 0, 0, 25, 0, 0, 0, 16])
    // Σ (μ₁ − μ₂)² + (σ₁ − σ₂)²
    let expected = 1.0 + 9 + 1 + 4 + 16
    #expect(abs(try a.distance(to: b) - expected) < 1e-10)
    #expect(abs(try b.distance(to: a) - expected) < 1e-10)
    #expect(abs(try a.distance(to: a)) < 1e-10)
  }

  @Test("Laws that do not commute: in two dimensions tr √(AB) = √(tr AB + 2 √det AB)")
  func twoDimensions() throws {
    let (a, b) = ([5.0, 2, 2, 3], [2.0, -1, -1, 4])
    let traceOfProduct = 5.0 * 2 - 2 - 2 + 3 * 4
    let determinants = (5.0 * 3 - 4) * (2 * 4 - 1)
    let expected = 8.0 + 6 - 2 * (traceOfProduct + 2 * determinants.squareRoot()).squareRoot()
    let distance = try GaussianSummary(mean: [0, 0], covariance: a).distance(
      to: GaussianSummary(mean: [0, 0], covariance: b))
    #expect(abs(distance - expected) < 1e-10)
  }

  @Test("A summary has the mean and the unbiased covariance of its rows, and scales with them")
  func summary() throws {
    let rows = try Tensor([1.0, 10, 3, 10, 5, 40], shape: [3, 2])
    let summary = try GaussianSummary(of: rows)
    #expect(summary.mean == [3, 20])
    for (x, y) in zip(summary.covariance, [4.0, 30, 30, 300]) { #expect(abs(x - y) < 1e-10) }
    #expect(abs(summary.totalVariance - 304) < 1e-10)
    #expect(summary.scaled(by: 2).mean == [6, 40])
    #expect(abs(summary.scaled(by: 2).totalVariance - 4 * 304) < 1e-10)
  }

  @Test("Principal components keep all distances when there are as many as pixels", arguments: [20, 200])
  func componentsAreIsometric(count: Int) throws {
    // 16 pixels: few images go by inner products of images, many by the covariance of pixels.
    let images = ImageDataset.stripes(count, channels: 1, side: 4, seed: 3)
    let features = try PixelComponents(of: images, limit: 64)(images)
    #expect(try features.shape == [count, 16])
    let pixels = try GaussianSummary(of: images.intensities())
    let found = try GaussianSummary(of: features)
    #expect(abs(found.totalVariance / pixels.totalVariance - 1) < 1e-6)
    // The coordinates are uncorrelated, and their variances ascend.
    let variances = (0..<16).map { found.covariance[17 * $0] }
    #expect(zip(variances, variances.dropFirst()).allSatisfy { $0 <= $1 + 1e-12 })
    for row in 0..<16 {
      for column in 0..<row { #expect(abs(found.covariance[16 * row + column]) < 1e-9) }
    }
  }

  @Test("Both ways to the principal components give the same variances")
  func componentsAgree() throws {
    let images = ImageDataset.stripes(40, channels: 1, side: 6, seed: 4)
    let doubled = images.selecting(Array(0..<30) + Array(0..<30))
    let few = try GaussianSummary(of: PixelComponents(of: images.selecting(Array(0..<30)), limit: 8)(images))
    let many = try GaussianSummary(of: PixelComponents(of: doubled, limit: 8)(images))
    #expect(abs(few.totalVariance / many.totalVariance - 1) < 1e-9)
  }

  @Test("A real set has distance 0 to itself, and the floor is that of other real images")
  func identicalSets() throws {
    let images = ImageDataset.stripes(300)
    let whole = try FrechetDistance(real: images)
    #expect(whole.sampleCount == 300 && whole.floorOverlap == 300)
    let scores = try whole.scores(of: images)
    // Against total variances of the order of 1000 and of exactly 48.
    #expect(scores.pixels < 1e-6 && scores.texture < 1e-6)
    #expect(whole.floor.pixels < 1e-6)
    let half = try FrechetDistance(real: images, sampleCount: 150)
    #expect(half.floorOverlap == 0)
    #expect(half.floor.pixels > 0.01 && half.floor.texture > 0.01)
  }

  @Test("Noise raises both distances, and collapse to few images lifts them far above the floor")
  func damages() throws {
    let images = ImageDataset.stripes(300)
    let distance = try FrechetDistance(real: images, sampleCount: 150)
    let (clean, noisy) = (try distance.scores(of: images), try distance.scores(of: noise(images, 40)))
    let noisier = try distance.scores(of: noise(images, 90))
    let collapsed = try distance.scores(of: images.selecting((0..<150).map { $0 % 4 }))
    #expect(clean.pixels < distance.floor.pixels && clean.texture < distance.floor.texture)
    #expect(noisy.texture > clean.texture && noisier.texture > 2 * noisy.texture)
    #expect(noisier.pixels > noisy.pixels && noisy.pixels > clean.pixels)
    #expect(collapsed.pixels > 4 * distance.floor.pixels && collapsed.texture > 4 * distance.floor.texture)
  }

  private func noise(_ images: ImageDataset, _ amplitude: Int) -> ImageDataset {
    var stream = RandomStream(key: RandomKey(seed: 9))
    let pixels = images.pixels.map { pixel in
      let change = (2 * stream.nextUnit() - 1) * Double(amplitude)
      return UInt8(min(max(Double(pixel) + change, 0), 255))
    }
    return ImageDataset(name: "noisy", channels: 3, height: 32, width: 32, pixels: pixels)
  }
}
