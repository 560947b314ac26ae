import ArgumentParser
import Quantization

extension Norm: ExpressibleByArgument {
  /// `l1`, `l2`, any other q as a number or behind an `l`, and `max`.
  public init?(argument: String) {
    let name = argument.lowercased()
    if ["max", "inf", "infinity", "linf"].contains(name) {
      self = .max
      return
    }
    guard let q = Float(name.hasPrefix("l") ? String(name.dropFirst()) : name), q.isFinite, q >= 1 else { return nil }
    self = q == 1 ? .l1 : q == 2 ? .l2 : .lq(q)
  }

  /// The argument that means this norm.
  public var defaultValueDescription: String {
    switch self {
    case .l1: "l1"
    case .l2: "l2"
    case .lq(let q): "l\(q)"
    case .max: "max"
    }
  }
}
