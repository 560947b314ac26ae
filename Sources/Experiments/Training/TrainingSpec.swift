public import GradientExchange
import NeuralNetworks
public import Quantization
public import WireFormat

/// All that decides the outcome of a training run: with the data set, a run is a function of this value.
///
/// How many threads compute at once, where files go and how progress is shown are not part of it.
public struct TrainingSpec: Codable, Hashable, Sendable {
  /// The folder of the images.
  public var data = ""
  /// The two networks.
  public var network = NetworkSpec()
  /// The method.
  public var solver = SolverSpec()
  /// How dual vectors are sent; nil for full precision.
  public var compression: CompressionSpec? = CompressionSpec()
  /// K.
  public var workers = 4
  /// How vectors become their mean; nil for what suits the number of workers and the size of the vector.
  public var reduction: Reduction?
  /// How often a message that arrives damaged is sent again; nil for never, when damage ends the run.
  public var retries: Int?
  /// Images that each worker takes in an oracle call.
  public var batchSize = 16
  /// Steps of the whole run.
  public var steps = 1000
  /// Names all random numbers: initial point, batches, latent vectors, draws; below 2⁶³.
  public var seed: UInt64 = 1
  /// Whether images are mirrored at random.
  public var flips = true
  /// The share of the old average that a step keeps, in the average of generators that is evaluated.
  public var averaging = 0.995
  /// Steps between two evaluations with a sample grid; the last step is evaluated in any case.
  public var evaluationInterval = 250
  /// Steps between two checkpoints; the last step makes one in any case.
  public var checkpointInterval = 250
  /// Images that the Fréchet distances compare.
  public var evaluationSamples = 2000

  /// The defaults of `lamina train wgan`.
  public init() {}

  /// Lets a run go on with another number of workers; vectors become their mean as before.
  ///
  /// - Parameter count: K from now on.
  public mutating func changeWorkers(to count: Int) {
    guard count != workers else { return }
    workers = count
    reduction = reduction ?? .allGather
  }

  /// Whether a run of this spec can go on from a checkpoint of a run of `other`: they may differ in the number of steps
  /// and of workers, in retries, and in the place of the images.
  func continues(_ other: TrainingSpec) -> Bool {
    func essence(_ spec: TrainingSpec) -> TrainingSpec {
      var spec = spec
      (spec.steps, spec.workers, spec.retries, spec.data) = (0, 0, nil, "")
      // The one that is unnamed unless workers were changed.
      if spec.reduction == .allGather { spec.reduction = nil }
      return spec
    }
    return essence(self) == essence(other)
  }

  /// The spec of the run that a manifest describes.
  ///
  /// - Parameter manifest: The manifest of a training run.
  /// - Throws: ``TrainingError/setting(_:)`` where its spec is of another kind.
  public init(manifest: Manifest) throws(TrainingError) {
    do {
      self = try CanonicalJSON.decode(TrainingSpec.self, from: CanonicalJSON.encode(manifest.spec))
    } catch {
      throw .setting("The manifest holds no training spec of this version: \(CanonicalJSON.reason(error)).")
    }
  }
}

/// The networks of a run.
public struct NetworkSpec: Codable, Hashable, Sendable {
  /// The shapes of generator and critic.
  public enum Architecture: String, Codable, Hashable, Sendable, CaseIterable {
    case dcgan
    case resnet
  }

  /// The shapes.
  public var architecture = Architecture.dcgan
  /// Channels of the narrowest layer of a DCGAN, or of every layer of a ResNet; nil for 32 and 128.
  public var width: Int?
  /// The weight of the gradient penalty; nil clips the critic's parameters instead.
  public var gradientPenalty: Double? = 10
  /// The bound of the critic's parameters where they are clipped.
  public var clipping = 0.01

  /// A DCGAN with gradient penalty.
  public init() {}

  func network(channels: Int) -> WGANNetwork {
    let shapes: WGANNetwork.Architecture =
      switch architecture {
      case .dcgan: .dcgan(width: width ?? 32)
      case .resnet: .resNet(filters: width ?? 128)
      }
    let constraint: WGANNetwork.CriticConstraint =
      gradientPenalty.map { .gradientPenalty(weight: $0) } ?? .clipping(bound: clipping)
    return WGANNetwork(shapes, constraint: constraint, channels: channels)
  }
}

/// What rounds the coordinates of a run.
public enum QuantizerKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// Levels that adapt.
  case levels
  /// Uniform steps with subtractive dither, entropy coded, at one step for the whole vector.
  case dithered
  /// Random rotations and normal centroids, in fields of fixed width.
  case eden
}

/// How dual vectors are quantized, coded and adapted.
public struct CompressionSpec: Codable, Hashable, Sendable {
  /// What rounds the coordinates; the settings of levels but the bits mean nothing to the others, nor the budget to any
  /// but dither.
  public var quantizer = QuantizerKind.levels
  /// The bits per coordinate of the whole vector, everything counted, that dithered vectors may take, from 0.5 to 16.
  public var budget = 3.0
  /// The width of a coordinate's field, sign included, from 2 to 8; from 1 where vectors are rotated.
  public var bits = 5
  /// Other bits for some layer types, by name; 0 sends a type exactly.
  public var typeBits: [String: Int] = [:]
  /// Whether layer types share out the bits among themselves, so that the total error is least at the same traffic.
  public var sharesBits = false
  /// How levels follow from statistics.
  public var method = AdaptationMethod.alq
  /// The multiplier of exponential levels where the method is fixed; nil for uniform levels.
  public var fixedMultiplier: Float?
  /// What is fitted to the coordinates.
  public var model = EstimateModel.histogram
  /// How much a bucket counts.
  public var weighting = NormWeighting.squaredNorm
  /// Which layers share levels.
  public var grouping = LevelGrouping.layerWise
  /// The exponent q of the norm; nil for the maximum.
  public var normExponent: Double?
  /// The coordinates that share a norm: a bucket size, 0 for a layer, nil (null in a plan file) for the whole vector.
  public var bucket: Int? = 1024
  /// The code of the symbols.
  public var code = LayerCode.Kind.fixedWidth
  /// How layer types share codewords.
  public var coding = CodingProtocol.main
  /// When levels are updated.
  public var schedule = LevelSchedule()
  /// What to do with a coordinate that is not finite.
  public var nonFinite = NonFinitePolicy.send

  /// Five bits, ALQ levels per layer type, maximum norm, buckets of 1024, fixed-width fields.
  public init() {}

  /// The norm with the exponent of the spec.
  public var norm: Norm {
    switch normExponent {
    case nil: .max
    case 1: .l1
    case 2: .l2
    case let q?: .lq(Float(q))
    }
  }

  /// The coordinates that share a norm.
  public var scope: NormScope {
    get {
      guard let bucket else { return .vector }
      return bucket == 0 ? .layer : .bucket(bucket)
    }
    set {
      switch newValue {
      case .vector: bucket = nil
      case .layer: bucket = 0
      case .bucket(let size): bucket = size
      }
    }
  }

  /// The levels of fields of `bits` before the first update.
  func startingLevels(bits: Int) -> Levels {
    let magnitudes = 1 << (bits - 1)
    guard method == .fixed else {
      // Levels without a zero leave no codeword unused, except two of 8 bits.
      return method.startingLevels(interiorCount: method == .amq ? min(magnitudes - 1, 126) : magnitudes - 2)
    }
    return fixedMultiplier.map { .exponential(multiplier: $0, interiorCount: magnitudes - 2) }
      ?? .uniform(intervals: magnitudes - 1)
  }
}
