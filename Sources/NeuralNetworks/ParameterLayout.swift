import LaminaNumerics
import VariationalInequalities

/// What the numbers of a parameter do in its layer.
public enum ParameterKind: String, Hashable, Sendable, CaseIterable {
  /// The matrix of a fully connected layer, [out, in].
  case linearWeight
  /// The kernels of a convolution, [out, in, rows, columns].
  case convolutionWeight
  /// The kernels of a transposed convolution, [in, out, rows, columns].
  case transposedConvolutionWeight
  /// What a layer adds, one number per output channel.
  case bias
  /// The scales of a normalisation layer, one number per channel.
  case normalisationScale
  /// The shifts of a normalisation layer, one number per channel.
  case normalisationShift
}

/// Where a named parameter of a network lies in the flat vector of all parameters.
///
/// A network is described by its layouts alone; a layer map for quantization is built from names, kinds and ranges
/// without knowing the network, and without LibTorch.
public struct ParameterLayout: Hashable, Sendable {
  /// The path of the parameter, such as `generator.conv1.weight`.
  public let name: String
  /// Sizes of its dimensions.
  public let shape: [Int]
  /// What its numbers do.
  public let kind: ParameterKind
  /// Its coordinates in the flat vector.
  public let range: Range<Int>
}

/// How the numbers of a parameter begin.
enum InitialValues: Hashable, Sendable {
  /// All equal.
  case constant(Double)
  /// Independent normal numbers of mean 0.
  case normal(deviation: Double)
  /// Independent normal numbers with variance 2/fan-in, which preserves the size of signals through rectifiers
  /// (He et al., arXiv 1502.01852).
  case he
}

/// A parameter before it has a place in the flat vector.
struct ParameterSpecification: Hashable, Sendable {
  let name: String
  let shape: [Int]
  let kind: ParameterKind
  let initial: InitialValues

  /// Numbers in the parameter.
  var count: Int { shape.reduce(1, *) }

  /// Numbers that enter one output of the layer.
  var fanIn: Int {
    switch kind {
    case .linearWeight, .convolutionWeight: shape.dropFirst().reduce(1, *)
    case .transposedConvolutionWeight: shape[0] * shape.dropFirst(2).reduce(1, *)
    case .bias, .normalisationScale, .normalisationShift: 1
    }
  }
}

extension ParameterLayout {
  /// Parameters one after the other from 0.
  static func following(_ specifications: [ParameterSpecification]) -> [ParameterLayout] {
    var start = 0
    return specifications.map { specification in
      defer { start += specification.count }
      return ParameterLayout(
        name: specification.name, shape: specification.shape, kind: specification.kind,
        range: start..<start + specification.count)
    }
  }
}

extension InitialValues {
  /// The point at which parameters begin, each number one of single precision.
  static func point(of specifications: [ParameterSpecification], key: RandomKey) -> Point {
    var point: Point = []
    point.reserveCapacity(specifications.reduce(0) { $0 + $1.count })
    for (index, specification) in specifications.enumerated() {
      switch specification.initial {
      case .constant(let value): point.append(contentsOf: repeatElement(value, count: specification.count))
      case .normal(let deviation): append(specification.count, deviation)
      case .he: append(specification.count, (2 / Double(specification.fanIn)).squareRoot())
      }
      func append(_ count: Int, _ deviation: Double) {
        var stream = RandomStream(key: key.folding(UInt64(index)))
        for _ in 0..<count { point.append(Double(Float(deviation * stream.nextNormal()))) }
      }
    }
    return point
  }
}

/// Lists the parameters of a network in the order of its layers.
struct SpecificationBuilder {
  private(set) var specifications: [ParameterSpecification] = []
  let prefix: String
  let weights: InitialValues

  /// An empty list.
  ///
  /// - Parameters:
  ///   - prefix: The first part of every name.
  ///   - weights: How weights begin; biases and shifts begin at 0, scales at 1.
  init(prefix: String, weights: InitialValues) {
    self.prefix = prefix
    self.weights = weights
  }

  mutating func linear(_ layer: String, from inputs: Int, to outputs: Int, bias: Bool) {
    add(layer, "weight", [outputs, inputs], .linearWeight, weights)
    if bias { add(layer, "bias", [outputs], .bias, .constant(0)) }
  }

  mutating func convolution(_ layer: String, from inputs: Int, to outputs: Int, kernel: Int, bias: Bool) {
    add(layer, "weight", [outputs, inputs, kernel, kernel], .convolutionWeight, weights)
    if bias { add(layer, "bias", [outputs], .bias, .constant(0)) }
  }

  mutating func transposedConvolution(_ layer: String, from inputs: Int, to outputs: Int, kernel: Int, bias: Bool) {
    add(layer, "weight", [inputs, outputs, kernel, kernel], .transposedConvolutionWeight, weights)
    if bias { add(layer, "bias", [outputs], .bias, .constant(0)) }
  }

  mutating func normalisation(_ layer: String, channels: Int) {
    add(layer, "weight", [channels], .normalisationScale, .constant(1))
    add(layer, "bias", [channels], .normalisationShift, .constant(0))
  }

  private mutating func add(
    _ layer: String, _ part: String, _ shape: [Int], _ kind: ParameterKind, _ initial: InitialValues
  ) {
    specifications.append(
      ParameterSpecification(name: "\(prefix).\(layer).\(part)", shape: shape, kind: kind, initial: initial))
  }
}
