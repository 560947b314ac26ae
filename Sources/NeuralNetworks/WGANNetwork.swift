import LaminaNumerics
import VariationalInequalities

/// A generator and a critic, described: architecture, sizes, and where each parameter lies in a point.
///
/// A point holds the generator's parameters first, then the critic's. The description needs no LibTorch.
public struct WGANNetwork: Hashable, Sendable {
  /// The shapes of the two networks.
  public enum Architecture: Hashable, Sendable {
    /// Convolutional networks whose narrowest layer has `width` channels; 32 is usual here.
    case dcgan(width: Int)
    /// Residual networks with `filters` channels in every layer; 128 in the literature.
    case resNet(filters: Int)
  }

  /// How the critic is kept close to 1-Lipschitz functions.
  public enum CriticConstraint: Hashable, Sendable {
    /// Adds weight · mean (‖∇D(x̂)‖ − 1)² to the critic's loss (arXiv 1704.00028); 10 is usual.
    case gradientPenalty(weight: Double)
    /// Keeps every parameter of the critic within ±bound (arXiv 1701.07875); 0.01 is usual. A DCGAN critic then
    /// normalises by the batch.
    case clipping(bound: Double)
  }

  public let architecture: Architecture
  public let constraint: CriticConstraint
  /// Channels of an image.
  public let channels: Int
  /// Numbers that the generator makes an image of.
  public let latentSize: Int

  /// Rows and columns of an image.
  public static let imageSide = 32

  /// A description of given sizes.
  ///
  /// - Parameters:
  ///   - architecture: The shapes of the networks; widths are positive.
  ///   - constraint: How the critic is kept from growing steep; the weight is not negative, the bound positive.
  ///   - channels: Channels of an image, such as 1 or 3.
  ///   - latentSize: Numbers that the generator makes an image of; by default 64 for DCGAN and 128 for ResNet.
  public init(
    _ architecture: Architecture, constraint: CriticConstraint = .gradientPenalty(weight: 10), channels: Int = 3,
    latentSize: Int? = nil
  ) {
    self.architecture = architecture
    self.constraint = constraint
    self.channels = channels
    switch architecture {
    case .dcgan(let width):
      precondition(width > 0, "the width of a network is positive")
      self.latentSize = latentSize ?? 64
    case .resNet(let filters):
      precondition(filters > 0, "the number of filters is positive")
      self.latentSize = latentSize ?? 128
    }
    precondition(channels > 0 && self.latentSize > 0, "images have channels, and latent vectors numbers")
    switch constraint {
    case .gradientPenalty(let weight): precondition(weight >= 0, "the weight of the penalty is not negative")
    case .clipping(let bound): precondition(bound > 0, "the bound of the critic's parameters is positive")
    }
  }

  /// All parameters in the order of the point, the generator's before the critic's.
  public var layouts: [ParameterLayout] { ParameterLayout.following(specifications) }

  /// The number of coordinates of a point.
  public var dimension: Int { criticRange.upperBound }

  /// The generator's coordinates.
  public var generatorRange: Range<Int> { 0..<generatorSpecifications.reduce(0) { $0 + $1.count } }

  /// The critic's coordinates.
  public var criticRange: Range<Int> {
    let start = generatorRange.upperBound
    return start..<start + criticSpecifications.reduce(0) { $0 + $1.count }
  }

  /// The point at which training begins.
  ///
  /// Weights are normal: deviation 0.02 in a DCGAN generator and in a critic with batch normalisation, variance
  /// 2/fan-in in the other critics and in residual networks. Biases and shifts are 0, scales 1.
  ///
  /// - Parameter key: Names the draw; the same key gives the same point on every machine.
  /// - Returns: A feasible point of `dimension` coordinates, each a number of single precision.
  public func initialPoint(key: RandomKey) -> Point {
    var point = InitialValues.point(of: specifications, key: key)
    project(&point)
    return point
  }

  /// Replaces `point` by the nearest feasible one: with clipping, moves the critic's parameters to within the bound.
  ///
  /// - Parameter point: `dimension` coordinates.
  public func project(_ point: inout Point) {
    guard case .clipping(let bound) = constraint else { return }
    let range = criticRange
    precondition(point.count == range.upperBound, "the point must have one coordinate per parameter")
    point.withUnsafeMutableBufferPointer { numbers in
      for i in range { numbers[i] = min(max(numbers[i], -bound), bound) }
    }
  }

  var generatorSpecifications: [ParameterSpecification] {
    switch model {
    case .dcgan(let model): model.generatorParameters
    case .resNet(let model): model.generatorParameters
    }
  }

  var criticSpecifications: [ParameterSpecification] {
    switch model {
    case .dcgan(let model): model.criticParameters
    case .resNet(let model): model.criticParameters
    }
  }

  private var specifications: [ParameterSpecification] { generatorSpecifications + criticSpecifications }
}
