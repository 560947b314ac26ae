import Foundation

/// A map from values to places on an axis, with its ticks.
package struct PlotScale {
  package enum Kind {
    case linear
    case logarithmic
  }

  let kind: Kind
  /// The values at the two ends.
  package let domain: ClosedRange<Double>
  /// The places of the two ends; the first may be the larger, as on a vertical axis.
  let range: (start: Double, end: Double)

  /// A scale that shows all `values`, with a little room around them.
  ///
  /// - Parameters:
  ///   - kind: Linear, or logarithmic for positive values.
  ///   - values: What must be visible; what is not finite, or not positive on a logarithmic axis, is passed over.
  ///   - range: The places of the ends.
  ///   - room: The share of the axis to leave free at both ends.
  package init(_ kind: Kind, showing values: [Double], range: (start: Double, end: Double), room: Double = 0.04) {
    self.kind = kind
    self.range = range
    let visible = values.filter { Self.isDrawable($0, kind) }.map { Self.warp($0, kind) }
    var low = visible.min() ?? 0
    var high = visible.max() ?? 1
    if low == high {
      let half = kind == .logarithmic ? 0.3 : max(0.5 * Swift.abs(low) * 0.1, 0.5)
      (low, high) = (low - half, high + half)
    }
    let margin = room * (high - low)
    domain = Self.unwarp(low - margin, kind)...Self.unwarp(high + margin, kind)
  }

  /// The place of a value, or nil where the axis has none.
  package func place(_ value: Double) -> Double? {
    guard Self.isDrawable(value, kind) else { return nil }
    let (low, high) = (Self.warp(domain.lowerBound, kind), Self.warp(domain.upperBound, kind))
    guard high > low else { return (range.start + range.end) / 2 }
    let share = (Self.warp(value, kind) - low) / (high - low)
    return range.start + share * (range.end - range.start)
  }

  /// Whether arithmetic on a value stays finite; what a diverged run leaves behind may be any number.
  static func isDrawable(_ value: Double, _ kind: Kind) -> Bool {
    Swift.abs(value) < 1e100 && (kind == .linear || value > 1e-100)
  }

  /// Round values inside the domain, some `count` of them.
  package func ticks(_ count: Int = 5) -> [Double] {
    let (low, high) = (domain.lowerBound, domain.upperBound)
    if kind == .logarithmic, let ticks = decades(count) { return ticks }
    let step = Self.roundStep((high - low) / Double(max(1, count)))
    let first = (low / step).rounded(.up)
    let last = (high / step).rounded(.down)
    guard last - first < 100 else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// Powers of ten, or 1, 2 and 5 times them where there is room; nil when the axis spans too little for either.
  private func decades(_ count: Int) -> [Double]? {
    let exponents = Int(Foundation.floor(log10(domain.lowerBound)))...Int(Foundation.ceil(log10(domain.upperBound)))
    let stride = max(1, exponents.count / (2 * count))
    let powers = exponents.filter { $0 % stride == 0 }
    let visible = powers.map { pow(10, Double($0)) }.filter(domain.contains)
    if visible.count >= 3 { return visible }
    let fine = powers.flatMap { power in [1, 2, 5].map { $0 * pow(10, Double(power)) } }.filter(domain.contains)
    return fine.count >= 3 ? fine : nil
  }

  private static func roundStep(_ step: Double) -> Double {
    let power = pow(10, Foundation.floor(log10(step)))
    let lead = step / power
    return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10)
  }

  private static func warp(_ value: Double, _ kind: Kind) -> Double { kind == .linear ? value : log10(value) }

  private static func unwarp(_ value: Double, _ kind: Kind) -> Double { kind == .linear ? value : pow(10, value) }
}
