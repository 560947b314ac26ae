public import LaminaNumerics
public import VariationalInequalities

/// The gradient of a small convolutional classifier's cross-entropy on a batch of images.
///
/// The classes are the labels of the data set. Where it has no labels, or only one, the task is the self-supervised one of
/// arXiv 1803.07728: every image is given a random number of quarter turns, which the classifier has to tell.
///
/// An oracle belongs to one thread at a time. The same point and key give the same bits.
public final class ClassifierOracle: Oracle {
  /// Where each parameter lies in a point.
  public let layouts: [ParameterLayout]
  /// Classes, 4 where they are quarter turns.
  public let classes: Int
  /// Whether the classes are quarter turns.
  public let classifiesTurns: Bool
  /// The mean cross-entropy of the last batch in nats, nil before the first.
  public private(set) var loss: Double?

  private let model: ConvolutionalClassifier
  private let dataset: ImageDataset
  private let batchSize: Int
  private let parameters: FlatParameters

  /// An oracle on a data set.
  ///
  /// - Parameters:
  ///   - dataset: At least one image of 32 by 32 pixels.
  ///   - width: Channels of the first layer, positive.
  ///   - batchSize: Images of a batch, positive.
  /// - Throws: ``TorchError/unavailable`` without LibTorch.
  public init(dataset: ImageDataset, width: Int = 32, batchSize: Int = 64) throws(TorchError) {
    precondition(dataset.count > 0 && width > 0 && batchSize > 0, "there are images, channels, and a batch")
    precondition(dataset.height == 32 && dataset.width == 32, "the images must have 32 by 32 pixels")
    let labelled = Int(dataset.labels?.max() ?? 0) + 1
    classifiesTurns = labelled < 2
    classes = classifiesTurns ? 4 : labelled
    model = ConvolutionalClassifier(width: width, channels: dataset.channels, classes: classes)
    self.dataset = dataset
    self.batchSize = batchSize
    layouts = ParameterLayout.following(model.parameters)
    parameters = try FlatParameters(layouts)
  }

  /// The number of coordinates of a point.
  public var dimension: Int { parameters.count }

  /// The point at which training begins: normal weights of variance 2/fan-in, biases 0.
  ///
  /// - Parameter key: Names the draw.
  /// - Returns: `dimension` coordinates of single precision.
  public func initialPoint(key: RandomKey) -> Point { InitialValues.point(of: model.parameters, key: key) }

  /// The gradient at `x` on the batch named by `key`.
  ///
  /// - Parameters:
  ///   - x: A point of `dimension` coordinates; it is rounded to single precision.
  ///   - key: The name of this query.
  /// - Returns: The gradient of the mean cross-entropy.
  public func sample(at x: Point, key: RandomKey) -> DualVector {
    do {
      return try differentiate(at: x, key: key)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// Every point is feasible.
  public func project(_ x: inout Point) {}

  private func differentiate(at x: Point, key: RandomKey) throws(TorchError) -> DualVector {
    try Torch.useOneThread()
    parameters.load(x)
    let (images, targets) = batch(key: key)
    var pass = LayerPass(parameters.named, prefix: ConvolutionalClassifier.prefix)
    let scores = try model.scores(
      Tensor(images, shape: [batchSize, dataset.channels, 32, 32]), &pass)
    let logarithms = try Operator("log_softmax", overload: "int")(.tensor(scores), .int(1), .none)
    let chosen = try logarithms * Tensor(targets, shape: [batchSize, classes])
    let mean = try chosen.sum() * (-1 / Double(batchSize))
    loss = try mean.item()
    return try mean.flatGradient(parameters.tensors, count: parameters.count)
  }

  /// Images drawn with replacement as numbers in [−1, 1], and a row with a one at the class of each.
  private func batch(key: RandomKey) -> (images: [Float], targets: [Float]) {
    var stream = RandomStream(key: key)
    var images: [Float] = []
    images.reserveCapacity(batchSize * dataset.imageSize)
    var targets = [Float](repeating: 0, count: batchSize * classes)
    for row in 0..<batchSize {
      let index = Int(stream.next().multipliedFullWidth(by: UInt64(dataset.count)).high)
      let turns = classifiesTurns ? Int(stream.next() >> 62) : 0
      let image = dataset.image(at: index).map(BatchSampler.intensity)
      images += turned(image, by: turns)
      let label = classifiesTurns ? turns : dataset.labels.map { Int($0[index]) } ?? 0
      targets[row * classes + label] = 1
    }
    return (images, targets)
  }

  /// An image after quarter turns to the left.
  private func turned(_ image: [Float], by turns: Int) -> [Float] {
    guard turns > 0 else { return image }
    let side = dataset.width
    return image.indices.map { place in
      let plane = place / (side * side) * side * side
      let (row, column) = (place % (side * side) / side, place % side)
      switch turns {
      case 1: return image[plane + column * side + side - 1 - row]
      case 2: return image[plane + (side - 1 - row) * side + side - 1 - column]
      default: return image[plane + (side - 1 - column) * side + row]
      }
    }
  }
}
