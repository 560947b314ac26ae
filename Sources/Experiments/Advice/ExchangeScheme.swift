import GradientExchange
import Quantization
import WireFormat

/// A way to average gradients, as advice compares them.
package enum ExchangeScheme: Hashable, Sendable {
  /// An all-reduce of numbers of 32 or 16 bits, without Lamina.
  case allReduce(bits: Int)
  /// Levels in fields of so many bits.
  case levels(bits: Int, Reduction)
  /// Dithered coordinates of about so many bits.
  case dithered(bits: Int, Reduction)

  /// What it is called in tables.
  package var title: String {
    switch self {
    case .allReduce(let bits): bits == 32 ? "full precision" : "fp\(bits)"
    case .levels(let bits, let reduction): "\(bits) bits, \(reduction.rawValue)"
    case .dithered(let bits, let reduction): "dithered \(bits) bits, \(reduction.rawValue)"
    }
  }

  /// What `lamina train` and the Python package take for it, nil without Lamina.
  package var flags: String? {
    switch self {
    case .allReduce: nil
    case .levels(let bits, let reduction): "--bits \(bits) --reduction \(reduction.rawValue)"
    case .dithered(let bits, let reduction):
      "--quantizer dithered --bits \(bits) --reduction \(reduction.rawValue)"
    }
  }

  /// The codec that it needs, nil for none.
  package var codec: CodecKind? {
    switch self {
    case .allReduce: nil
    case .levels(let bits, _): .levels(bits: bits)
    case .dithered(let bits, _): .dithered(bits: bits)
    }
  }
}

/// What is measured of a codec: the same for both reductions.
package enum CodecKind: Hashable, Sendable {
  case levels(bits: Int)
  case dithered(bits: Int)

  /// A layer plan as training makes it.
  var plan: LayerPlan {
    switch self {
    case .levels(let bits):
      .levels(
        LevelQuantizer(levels: .uniform(intervals: 1 << (bits - 1) - 1), norm: .max, scope: .bucket(1024)), .fixedWidth)
    case .dithered(let bits): .dithered(.gaussian(bits: Double(bits)))
    }
  }
}
