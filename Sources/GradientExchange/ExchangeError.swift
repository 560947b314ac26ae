public import Collectives
public import Quantization
public import WireFormat

/// Why an exchange ended.
public enum ExchangeError: Error, Hashable, Sendable {
  /// A peer or the transport failed.
  case collective(CollectiveError)
  /// A rank sent bytes that are not the expected frame.
  case frame(rank: Int, WireFormatError)
  /// A rank sent statistics that cannot be read.
  case statistics(rank: Int, StatisticsError)
  /// The root sent a plan that cannot be read, or that is for other layers.
  case agreement(WireFormatError)
  /// The new levels do not make a plan.
  case plan(PlanError)
  /// A coordinate is not finite, and the policy is to stop.
  case nonFinite(layer: String, step: UInt64)
  /// The vector has another number of coordinates than the layer map.
  case dimension(expected: Int, found: Int)
  /// The rest of a ``PendingVector`` will not come.
  case abandoned
}

extension ExchangeError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .collective(let error): error.description
    case .frame(let rank, let error): "Frame of rank \(rank): \(error)"
    case .statistics(let rank, let error): "Statistics of rank \(rank): \(error)"
    case .agreement(let error): "Agreed levels: \(error)"
    case .plan(let error): "Agreed levels: \(error)"
    case .nonFinite(let layer, let step): "Layer '\(layer)' has a coordinate that is not finite at step \(step)."
    case .dimension(let expected, let found): "The dual vector has \(found) coordinates, the layer map \(expected)."
    case .abandoned: "The dual vector was abandoned before all of its coordinates were there."
    }
  }
}
