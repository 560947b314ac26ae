/// A running sum whose rounding error does not grow with the number of terms.
///
/// Neumaier's variant of Kahan's summation: after n terms the error is at most 2 units in the last place of the sum plus
/// n²·2⁻¹⁰⁶·Σ|xᵢ|. The result depends on the order of the terms, as every floating-point sum does.
public struct CompensatedSum: Hashable, Sendable {
  private var head: Double
  private var tail: Double

  /// A sum of no terms, or of one.
  ///
  /// - Parameter start: The first term.
  public init(_ start: Double = 0) {
    head = start
    tail = 0
  }

  /// The sum so far, rounded once.
  public var value: Double { head + tail }

  /// Adds one term.
  ///
  /// - Parameters:
  ///   - sum: The sum to extend.
  ///   - term: Any finite number.
  public static func += (sum: inout CompensatedSum, term: Double) {
    let next = sum.head + term
    let isHeadLarger = sum.head.magnitude >= term.magnitude
    sum.tail += isHeadLarger ? (sum.head - next) + term : (term - next) + sum.head
    sum.head = next
  }
}
