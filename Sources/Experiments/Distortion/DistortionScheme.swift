import Quantization
import WireFormat

/// One quantizer of a rate-distortion table, at any number of bits.
package struct DistortionScheme: Hashable, Sendable {
  /// How the coordinates are rounded and coded.
  package enum Method: Hashable, Sendable {
    /// Levels whose number follows from the bits.
    case levels(Family, norm: Norm, scope: NormScope, code: LayerCode.Kind)
    /// Dither at the step that meets the bits with everything counted.
    case dithered(NormScope)
    /// EDEN with two rounds; symbols in fields of the bits and one scale a block.
    case rotated
  }

  /// Where levels come from.
  package enum Family: Hashable, Sendable {
    /// 0, 1/s, …, 1 with a sign.
    case uniform
    /// 0, 2^−s, …, ½, 1 with a sign.
    case halving
    /// 0 and 1 with a sign, whatever the bits.
    case ternary
    /// Fitted to the vector, with 0 and a sign, or with all 2ᵇ codewords and no 0.
    case fitted(AdaptationMethod, hasZero: Bool)
  }

  /// The name in tables and on the command line.
  package let name: String
  /// One line for people.
  package let title: String
  package let method: Method

  /// All schemes in the order of a table.
  package static let all: [DistortionScheme] =
    packed + coded + [
      DistortionScheme("eden", "EDEN, two rotations, packed", .rotated),
      DistortionScheme("dithered", "dithered and coded, one step", .dithered(.vector)),
      DistortionScheme("dithered-layer", "dithered and coded, a step for each layer", .dithered(.layer)),
      DistortionScheme("dithered-1024", "dithered and coded, a step for each 1024", .dithered(.bucket(1024))),
    ]

  /// Those in fields of fixed width.
  private static let packed: [DistortionScheme] = [
    levels("qsgd", "QSGD, ℓ2 norm, packed", .uniform, .l2),
    levels("qsgd-max", "QSGD, max norm, packed", .uniform),
    levels("nuqsgd", "NUQSGD, ℓ2 norm, packed", .halving, .l2),
    levels("terngrad", "TernGrad by layer, unclipped, packed", .ternary, .max, .layer),
    levels("alq", "ALQ with a zero, packed", .fitted(.alq, hasZero: true)),
    levels("optimal-zero", "optimal levels with a zero, packed", .fitted(.optimal, hasZero: true)),
    levels("optimal", "optimal levels, packed", .fitted(.optimal, hasZero: false)),
    levels(
      "optimal-zero-128", "optimal levels with a zero, bucket 128, packed", .fitted(.optimal, hasZero: true), .max,
      .bucket(128)),
    levels("optimal-128", "optimal levels, bucket 128, packed", .fitted(.optimal, hasZero: false), .max, .bucket(128)),
  ]

  /// Those with a code made for their probabilities.
  private static let coded: [DistortionScheme] = [
    levels("terngrad-rans", "TernGrad by layer, unclipped, rANS", .ternary, .max, .layer, .rans),
    levels("qsgd-max-huffman", "QSGD, max norm, Huffman", .uniform, code: .huffman),
    levels("qsgd-max-rans", "QSGD, max norm, rANS", .uniform, code: .rans),
    levels(
      "optimal-zero-huffman", "optimal levels with a zero, Huffman", .fitted(.optimal, hasZero: true), code: .huffman),
    levels("optimal-zero-rans", "optimal levels with a zero, rANS", .fitted(.optimal, hasZero: true), code: .rans),
    levels("optimal-rans", "optimal levels, rANS", .fitted(.optimal, hasZero: false), code: .rans),
    levels(
      "optimal-128-rans", "optimal levels, bucket 128, rANS", .fitted(.optimal, hasZero: false), .max, .bucket(128),
      .rans),
  ]

  private init(_ name: String, _ title: String, _ method: Method) {
    self.name = name
    self.title = title
    self.method = method
  }

  private static func levels(
    _ name: String, _ title: String, _ family: Family, _ norm: Norm = .max, _ scope: NormScope = .bucket(1024),
    _ code: LayerCode.Kind = .fixedWidth
  ) -> DistortionScheme {
    DistortionScheme(name, title, .levels(family, norm: norm, scope: scope, code: code))
  }

  private static func levels(
    _ name: String, _ title: String, _ family: Family, code: LayerCode.Kind
  ) -> DistortionScheme {
    levels(name, title, family, .max, .bucket(1024), code)
  }

  /// The scheme with a name.
  package static func named(_ name: String) -> DistortionScheme? { all.first { $0.name == name } }
}

extension DistortionScheme.Family {
  /// The method that fits the levels to a vector.
  package var adaptation: AdaptationMethod {
    if case .fitted(let method, _) = self { method } else { .fixed }
  }

  /// The levels of fields of `bits`, sign included, before they are fitted; nil where there are none of this width.
  ///
  /// - Parameter bits: 1 to 8.
  /// - Returns: Levels that fill the fields as far as their form lets them.
  package func levels(bits: Int) -> Levels? {
    let magnitudes = 1 << (bits - 1)
    switch self {
    case .uniform where bits == 1: return Levels.ternary.mirroredWithoutZero()
    case .uniform: return .uniform(intervals: magnitudes - 1)
    case .halving: return bits < 2 ? nil : .exponential(multiplier: 0.5, interiorCount: magnitudes - 2)
    case .ternary: return bits == 2 ? .ternary : nil
    case .fitted(let method, hasZero: true):
      return bits < 2 ? nil : method.startingLevels(interiorCount: magnitudes - 2)
    case .fitted(_, hasZero: false):
      let positive = (1...magnitudes).map { Float($0) / Float(magnitudes) }
      return try? Levels(positive.reversed().map { -$0 } + positive)
    }
  }
}
