public import LaminaNumerics

/// A random map Q of vectors to symbols and back with E[Q(v)] = v.
///
/// ## Laws
/// - E[Q(v)] = v for every v.
/// - E‖Q(v) − v‖² ≤ relative·‖v‖² + absolute, with the ``ErrorBound`` of the dimension.
/// - The same key gives the same symbols.
public protocol UnbiasedQuantizer: Sendable {
  /// What is sent.
  associatedtype Symbols: Sendable
  /// The symbols of `vector`, with draws that `key` names.
  func quantize(_ vector: Span<Float>, key: RandomKey) -> Symbols
  /// Adds the vector that `symbols` stand for to `sum`; `key` is the one that they were made with.
  func accumulate(_ symbols: Symbols, key: RandomKey, into sum: inout MutableSpan<Float>)
  /// A bound for vectors of `dimension` coordinates.
  func errorBound(dimension: Int) -> ErrorBound
}

/// The factors of E‖Q(v) − v‖² ≤ relative·‖v‖² + absolute.
public struct ErrorBound: Hashable, Sendable {
  /// The factor of the squared norm.
  public var relative: Double
  /// What is added whatever the vector is, in the squared unit of the coordinates.
  public var absolute: Double
}

extension LevelQuantizer: UnbiasedQuantizer {
  public func quantize(_ vector: Span<Float>, key: RandomKey) -> LevelSymbols {
    quantize(vector, key: key, vectorNorm: nil)
  }

  public func accumulate(_ symbols: LevelSymbols, key: RandomKey, into sum: inout MutableSpan<Float>) {
    accumulate(symbols, into: &sum)
  }

  public func errorBound(dimension: Int) -> ErrorBound {
    ErrorBound(relative: varianceBound(dimension: dimension), absolute: 0)
  }
}

extension DitheredQuantizer: UnbiasedQuantizer {
  /// factor²/12 relative, or dΔ²/12 absolute, attained by every vector without zero buckets, up to the dither's grain.
  public func errorBound(dimension: Int) -> ErrorBound {
    switch step {
    case .relative(let factor, _): ErrorBound(relative: Double(factor) * Double(factor) / 12, absolute: 0)
    case .agreed(let step): ErrorBound(relative: 0, absolute: Double(dimension) * Double(step) * Double(step) / 12)
    }
  }
}
