import RealModule

/// The power of t at which a gap falls: the slope of log gap over log t, by least squares.
///
/// Points are meant to be spaced logarithmically, else the last decade decides alone; see
/// ``logarithmicSteps(from:through:count:)``.
public struct GapSlope: Sendable, Hashable, Codable {
  private var count = 0.0
  private var meanX = 0.0
  private var meanY = 0.0
  private var squares = 0.0
  private var products = 0.0

  /// No points.
  public init() {}

  /// Adds a point. Zero gaps have no logarithm and are left out.
  ///
  /// - Parameters:
  ///   - gap: The gap after `step` steps.
  ///   - step: t ≥ 1.
  public mutating func record(_ gap: Double, at step: UInt64) {
    guard gap > 0, gap.isFinite, step > 0 else { return }
    let x = Double.log(Double(step))
    let y = Double.log(gap)
    count += 1
    let dx = x - meanX
    meanX += dx / count
    meanY += (y - meanY) / count
    squares += dx * (x - meanX)
    products += dx * (y - meanY)
  }

  /// The slope, or nil with fewer than two different steps.
  public var slope: Double? { squares > 0 ? products / squares : nil }

  /// The gap that the fitted line gives after `step` steps, or nil with fewer than two different steps.
  ///
  /// - Parameter step: t ≥ 1.
  /// - Returns: exp(intercept) · t^slope.
  public func fittedGap(at step: UInt64) -> Double? {
    slope.map { Double.exp(meanY + $0 * (Double.log(Double(step)) - meanX)) }
  }

  /// About `count` different steps whose logarithms are evenly spaced, both ends included.
  ///
  /// - Parameters:
  ///   - first: The first step, at least 1.
  ///   - last: The last step, at least `first`.
  ///   - count: The number of steps before equal ones are merged, at least 2.
  /// - Returns: Increasing steps.
  public static func logarithmicSteps(from first: UInt64, through last: UInt64, count: Int) -> [UInt64] {
    precondition(first > 0 && last >= first && count >= 2, "Steps count from 1 and two of them make a range")
    let ratio = Double.log(Double(last) / Double(first))
    var steps: [UInt64] = []
    for i in 0..<count {
      let step = UInt64((Double(first) * Double.exp(ratio * Double(i) / Double(count - 1))).rounded())
      if step != steps.last { steps.append(step) }
    }
    return steps
  }
}
