import LaminaNumerics
import NeuralNetworks
import Testing

@Suite("Descriptions of generators and critics")
struct WGANNetworkTests {
  static let networks = [
    WGANNetwork(.dcgan(width: 32)), WGANNetwork(.dcgan(width: 4), constraint: .clipping(bound: 0.01), channels: 1),
    WGANNetwork(.resNet(filters: 128)), WGANNetwork(.resNet(filters: 6), constraint: .clipping(bound: 0.05)),
  ]

  @Test("Parameter counts are those of the literature")
  func parameterCounts() {
    let dcgan = WGANNetwork(.dcgan(width: 32))
    #expect(dcgan.generatorRange.count == 296_899)
    #expect(dcgan.criticRange.count == 167_649)
    #expect(dcgan.dimension == 464_548)
    let resNet = WGANNetwork(.resNet(filters: 128))
    #expect(resNet.generatorRange.count == 1_548_547)
    #expect(resNet.criticRange.count == 1_053_825)
  }

  @Test("Layouts follow one another, have one name each, and split at the players", arguments: networks)
  func layouts(network: WGANNetwork) {
    var end = 0
    for layout in network.layouts {
      #expect(layout.range.lowerBound == end)
      #expect(layout.range.count == layout.shape.reduce(1, *))
      #expect(layout.name.hasPrefix("generator.") == (layout.range.upperBound <= network.generatorRange.upperBound))
      #expect(layout.name.hasPrefix("critic.") == (layout.range.lowerBound >= network.criticRange.lowerBound))
      end = layout.range.upperBound
    }
    #expect(end == network.dimension)
    #expect(Set(network.layouts.map(\.name)).count == network.layouts.count)
  }

  @Test("Names and kinds say what a parameter is")
  func namesAndKinds() {
    let kinds = Dictionary(
      uniqueKeysWithValues: WGANNetwork(.dcgan(width: 32)).layouts.map { ($0.name, $0.kind) })
    #expect(kinds["generator.linear.weight"] == .linearWeight)
    #expect(kinds["generator.conv1.weight"] == .transposedConvolutionWeight)
    #expect(kinds["generator.norm1.weight"] == .normalisationScale)
    #expect(kinds["generator.norm1.bias"] == .normalisationShift)
    #expect(kinds["generator.output.bias"] == .bias)
    #expect(kinds["critic.conv2.weight"] == .convolutionWeight)
    #expect(kinds["critic.conv2.bias"] == .bias)
    #expect(kinds["critic.norm2.weight"] == nil)
  }

  @Test("Initial weights have the stated deviations, and the same key gives the same point")
  func initialPoint() throws {
    let network = WGANNetwork(.dcgan(width: 32))
    let point = network.initialPoint(key: RandomKey(seed: 1))
    #expect(point == network.initialPoint(key: RandomKey(seed: 1)))
    #expect(point != network.initialPoint(key: RandomKey(seed: 2)))
    #expect(point.allSatisfy { Double(Float($0)) == $0 })
    let expected = [
      "generator.conv1.weight": 0.02, "critic.conv1.weight": (2.0 / 48).squareRoot(),
      "critic.conv3.weight": (2.0 / 1024).squareRoot(),
    ]
    for layout in network.layouts {
      let values = point[layout.range]
      switch layout.kind {
      case .bias, .normalisationShift: #expect(values.allSatisfy { $0 == 0 })
      case .normalisationScale: #expect(values.allSatisfy { $0 == 1 })
      case .linearWeight, .convolutionWeight, .transposedConvolutionWeight:
        guard let deviation = expected[layout.name] else { continue }
        // The mean square of n normal numbers has relative deviation √(2/n).
        let meanSquare = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        let tolerance = 5 * (2 / Double(values.count)).squareRoot()
        #expect(abs(meanSquare / (deviation * deviation) - 1) < tolerance)
      }
    }
  }

  @Test("With clipping the projection moves the critic alone, and the initial point is feasible")
  func clipping() {
    let network = WGANNetwork(.dcgan(width: 2), constraint: .clipping(bound: 0.01))
    var point = network.initialPoint(key: RandomKey(seed: 1))
    let start = point
    network.project(&point)
    #expect(point == start)
    #expect(point[network.criticRange].allSatisfy { abs($0) <= 0.01 })
    #expect(point[network.generatorRange].contains { abs($0) > 0.01 })
    point[network.criticRange.lowerBound] = 3
    point[network.criticRange.upperBound - 1] = -0.02
    point[0] = 7
    var expected = point
    (expected[network.criticRange.lowerBound], expected[network.criticRange.upperBound - 1]) = (0.01, -0.01)
    network.project(&point)
    #expect(point == expected)
  }

  @Test("With a penalty every point is feasible")
  func penaltyProjectsNothing() {
    let network = WGANNetwork(.dcgan(width: 2))
    var point = [Double](repeating: 5, count: network.dimension)
    network.project(&point)
    #expect(point.allSatisfy { $0 == 5 })
  }

  @Test(
    "Networks map latent vectors to images within ±1 and images to scores", .enabled(if: Torch.isAvailable),
    arguments: networks)
  func shapes(network: WGANNetwork) throws {
    let parameters = try FlatParameters(network.layouts)
    parameters.load(network.initialPoint(key: RandomKey(seed: 1)))
    var stream = RandomStream(key: RandomKey(seed: 2))
    let latents = (0..<3 * network.latentSize).map { _ in Float(stream.nextNormal()) }
    let images = try network.generate(
      Tensor(latents, shape: [3, network.latentSize]), weights: parameters.named)
    #expect(try images.shape == [3, network.channels, 32, 32])
    let pixels = try images.floats()
    #expect(pixels.allSatisfy { abs($0) <= 1 } && Set(pixels).count > 1000)
    var pass = LayerPass(parameters.named, prefix: "critic")
    #expect(try network.score(images, &pass).shape == [3])
  }
}
