import LaminaNumerics

/// How far generated images are from real ones, by the Fréchet distances of two sets of features.
///
/// Neither needs a trained network. *Pixels*: 64 principal components of the real pixels, in units of [−1, 1]; sees
/// shape, colour and collapse to few images. *Texture*: channel means of three fixed random convolution layers, all
/// scaled by one number; sees blur and noise. Both are needed: either alone can be deceived. Numbers depend on the data
/// set and on the number of images, so the distance of other real images stands beside them as the floor.
public struct FrechetDistance: Sendable {
  /// The two distances; 0 for equal sets.
  public struct Scores: Hashable, Sendable, Codable {
    public let pixels: Double
    public let texture: Double
  }

  /// Images of the real set and, usually, of the generated set.
  public let sampleCount: Int
  /// The distances of other real images; an ideal generator comes close to them, not to 0.
  public let floor: Scores
  /// Images of the floor's set that are in the real set too, for lack of enough images.
  public let floorOverlap: Int

  private let components: PixelComponents
  private let textures: RandomTextures
  private let realPixels: GaussianSummary
  private let realTexture: GaussianSummary
  private let textureScale: Double

  /// The statistics of a real set.
  ///
  /// Computes principal components and the floor, which takes seconds for 2,000 images; keep the value for a whole run.
  ///
  /// - Parameters:
  ///   - real: At least two images.
  ///   - sampleCount: Images to compare with; all there are if they are fewer.
  ///   - key: Names the choice of images.
  /// - Throws: ``TorchError/unavailable`` without LibTorch.
  public init(real: ImageDataset, sampleCount: Int = 2000, key: RandomKey = RandomKey(seed: 0)) throws(TorchError) {
    precondition(real.count > 1 && sampleCount > 1, "a covariance needs at least two images")
    try Torch.useOneThread()
    let count = min(sampleCount, real.count)
    let order = Self.permutation(real.count, key: key)
    let reference = real.selecting(Array(order.prefix(count)))
    components = try PixelComponents(of: reference, limit: 64)
    textures = RandomTextures(channels: real.channels)
    realPixels = try GaussianSummary(of: components(reference))
    let texture = try GaussianSummary(of: textures(reference))
    textureScale = (Self.textureVariance / max(texture.totalVariance, .leastNormalMagnitude)).squareRoot()
    realTexture = texture.scaled(by: textureScale)
    self.sampleCount = count
    floorOverlap = max(0, 2 * count - real.count)
    let other = real.selecting(Array(order.suffix(count)))
    floor = try Self.scores(
      other, components, textures, textureScale, realPixels: realPixels, realTexture: realTexture)
  }

  /// The total variance to which the real texture features are scaled.
  static let textureVariance = 48.0

  /// The distances of a set of images to the real set.
  ///
  /// - Parameter images: At least two images of the real set's shape; as many as `sampleCount` to compare with `floor`.
  /// - Returns: The two distances.
  /// - Throws: ``TorchError/unavailable`` without LibTorch.
  public func scores(of images: ImageDataset) throws(TorchError) -> Scores {
    try Torch.useOneThread()
    return try Self.scores(
      images, components, textures, textureScale, realPixels: realPixels, realTexture: realTexture)
  }

  private static func scores(
    _ images: ImageDataset, _ components: PixelComponents, _ textures: RandomTextures, _ textureScale: Double,
    realPixels: GaussianSummary, realTexture: GaussianSummary
  ) throws(TorchError) -> Scores {
    let pixels = try GaussianSummary(of: components(images))
    let texture = try GaussianSummary(of: textures(images)).scaled(by: textureScale)
    return Scores(
      pixels: max(0, try realPixels.distance(to: pixels)), texture: max(0, try realTexture.distance(to: texture)))
  }

  /// A uniformly random order of 0..<count (Fisher and Yates).
  private static func permutation(_ count: Int, key: RandomKey) -> [Int] {
    var order = Array(0..<count)
    var stream = RandomStream(key: key)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(stream.next().multipliedFullWidth(by: UInt64(last + 1)).high))
    }
    return order
  }
}
