import LaminaNumerics
import VariationalInequalities

/// The Wasserstein GAN as a variational inequality: one worker's dual vector F = (∇ L_G, ∇ L_D) on a batch of images.
///
/// With W = mean D(G(z)) − mean D(x), the generator's loss is L_G = −mean D(G(z)) and the critic's L_D = W + λ·mean
/// (‖∇D(x̂)‖ − 1)², x̂ uniform between x and G(z); with clipping the last term is absent and the critic's parameters are
/// projected. Both players' parts come from one backward pass: W is differentiated with respect to all parameters and
/// the sign of the generator's part is turned (arXiv 1802.10551, section 2).
///
/// An oracle belongs to one thread at a time; workers own one each. The same point and key give the same bits in every
/// thread and in every run. A refusal of LibTorch during ``sample(at:key:)`` is a programmer's error, since all shapes
/// are checked here.
public final class WGANOracle: Oracle {
  /// The networks.
  public let network: WGANNetwork
  /// Images of a batch.
  public let batchSize: Int
  /// The worker whose draws these are.
  public let rank: Int
  /// What the last sample showed of the training, or nil before the first.
  public private(set) var report: WGANReport?

  private let sampler: BatchSampler
  private let parameters: FlatParameters
  private let penaltyMethod: GradientPenalty.Method

  /// An oracle on a data set.
  ///
  /// - Parameters:
  ///   - network: The networks.
  ///   - dataset: At least one image, of the network's channels and of 32 by 32 pixels.
  ///   - batchSize: Images of a batch, at least 1 (2 where the networks normalise by the batch).
  ///   - flips: Whether images are mirrored at random.
  ///   - rank: The worker; workers of different rank draw independently under the same key.
  /// - Throws: ``TorchError/unavailable`` without LibTorch.
  public convenience init(
    network: WGANNetwork, dataset: ImageDataset, batchSize: Int = 16, flips: Bool = true, rank: Int = 0
  ) throws(TorchError) {
    try self.init(
      network: network, dataset: dataset, batchSize: batchSize, flips: flips, rank: rank, penalty: .frozenPattern)
  }

  package init(
    network: WGANNetwork, dataset: ImageDataset, batchSize: Int, flips: Bool, rank: Int,
    penalty: GradientPenalty.Method
  ) throws(TorchError) {
    precondition(batchSize > 1, "a batch has at least two images, since the generator normalises by the batch")
    precondition(rank >= 0, "a rank is not negative")
    precondition(dataset.count > 0, "the data set must have images")
    precondition(dataset.channels == network.channels, "the images must have the network's channels")
    precondition(
      dataset.height == WGANNetwork.imageSide && dataset.width == WGANNetwork.imageSide,
      "the images must have 32 by 32 pixels")
    self.network = network
    self.batchSize = batchSize
    self.rank = rank
    self.penaltyMethod = penalty
    sampler = BatchSampler(dataset: dataset, flips: flips)
    parameters = try FlatParameters(network.layouts)
  }

  /// The dual vector of this worker at `x` on the batch named by `key`.
  ///
  /// - Parameters:
  ///   - x: A point of the network's dimension; it is rounded to single precision.
  ///   - key: The name of this query; the rank is folded in here.
  /// - Returns: The generator's part, then the critic's.
  public func sample(at x: Point, key: RandomKey) -> DualVector {
    do {
      return try differentiate(at: x, key: key.folding(UInt64(rank)))
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// Replaces `x` by the nearest feasible point; see ``WGANNetwork/project(_:)``.
  ///
  /// - Parameter x: A point of the network's dimension.
  public func project(_ x: inout Point) { network.project(&x) }

  private func differentiate(at x: Point, key: RandomKey) throws(TorchError) -> DualVector {
    try Torch.useOneThread()
    parameters.load(x)
    let real = try images(key: key.folding(0))
    let latents = BatchSampler.normals(batchSize * network.latentSize, key: key.folding(1))
    let fake = try network.generate(
      Tensor(latents, shape: [batchSize, network.latentSize]), weights: parameters.named)
    let (fakeScores, realScores) = try scores(fake: fake, real: real)
    var objective = try fakeScores.sum() - realScores.sum()
    var penalty: GradientPenalty?
    var weight = 0.0
    if case .gradientPenalty(let value) = network.constraint, value > 0 {
      let between = try mixture(real: real, fake: fake.detached(), key: key.folding(2))
      let term = try GradientPenalty(of: network, at: between, weights: parameters.named, method: penaltyMethod)
      objective = try objective + term.surrogate * value
      (penalty, weight) = (term, value)
    }
    var gradient = try objective.flatGradient(parameters.tensors, count: parameters.count)
    scale(&gradient)
    report = WGANReport(
      fakeScores: try fakeScores.doubles(), realScores: try realScores.doubles(), penalty: penalty,
      penaltyWeight: weight, gradient: gradient, players: (network.generatorRange, network.criticRange))
    return gradient
  }

  /// Divides sums over the batch by its size and turns the sign of the generator's part.
  ///
  /// Differentiating sums keeps the incoming derivatives of the scores at exactly ±1, so that they cancel exactly in the
  /// bias of the critic's last layer, whatever the batch size.
  private func scale(_ gradient: inout DualVector) {
    let count = Float(batchSize)
    gradient.withUnsafeMutableBufferPointer { numbers in
      for i in network.generatorRange { numbers[i] /= -count }
      for i in network.criticRange { numbers[i] /= count }
    }
  }

  /// Scores of both batches, in one walk unless the critic normalises by the batch.
  private func scores(fake: Tensor, real: Tensor) throws(TorchError) -> (fake: Tensor, real: Tensor) {
    var pass = LayerPass(parameters.named, prefix: "critic")
    guard !network.normalisesCritic else {
      return (try network.score(fake, &pass), try network.score(real, &pass))
    }
    let all = try network.score(.joined([fake, real]), &pass)
    return (try all[0..<batchSize], try all[batchSize..<2 * batchSize])
  }

  private func images(key: RandomKey) throws(TorchError) -> Tensor {
    let side = WGANNetwork.imageSide
    return try Tensor(sampler.images(batchSize, key: key), shape: [batchSize, network.channels, side, side])
  }

  /// ε·x + (1 − ε)·G(z) with one uniform ε per image.
  private func mixture(real: Tensor, fake: Tensor, key: RandomKey) throws(TorchError) -> Tensor {
    var stream = RandomStream(key: key)
    let shares = try Tensor((0..<batchSize).map { _ in Float(stream.nextUnit()) }, shape: [batchSize, 1, 1, 1])
    return try fake + (real - fake) * shares
  }
}
