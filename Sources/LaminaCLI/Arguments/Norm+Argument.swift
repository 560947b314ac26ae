import ArgumentParser
import Quantization

extension Norm {
  /// Reads `l1`, `l2`, any other q as a number or behind an `l`, and `max`.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with the text.
  init(parsing text: String) throws(ValidationError) {
    let name = text.lowercased()
    if ["max", "inf", "infinity", "linf"].contains(name) {
      self = .max
      return
    }
    guard let q = Float(name.hasPrefix("l") ? String(name.dropFirst()) : name), q.isFinite, q >= 1 else {
      throw ValidationError("'\(text)' is no norm; expected max, l1, l2, or lQ with a number Q of at least 1")
    }
    self = q == 1 ? .l1 : q == 2 ? .l2 : .lq(q)
  }

  /// The argument that means this norm.
  var argumentText: String {
    switch self {
    case .l1: "l1"
    case .l2: "l2"
    case .lq(let q): "l\(q)"
    case .max: "max"
    }
  }
}
