/// A curve with, perhaps, a band around it.
struct PlotSeries {
  struct Point {
    let x: Double
    let y: Double
    /// The ends of the band; nil for a bare curve.
    var band: ClosedRange<Double>?
  }

  enum Stroke {
    case main
    /// One seed behind the mean of several.
    case faint
    /// Many lines in one plot.
    case hairline
  }

  /// The name of the curve in the tooltip.
  let label: String
  /// The colour, an index into the palette of the page.
  let colour: Int
  var points: [Point]
  var stroke = Stroke.main
  /// Whether to mark the points, where there are few of them.
  var isMarked = false
  /// Whether the value holds until the next point.
  var isStepped = false

  /// At most `limit` points: the means of equal groups, with the standard deviation of each group as a band.
  ///
  /// - Parameters:
  ///   - points: Abscissas in order with their values; values that are not finite are passed over.
  ///   - limit: The number of groups.
  /// - Returns: A point per group; without a band where a group has one value.
  static func grouped(_ points: [(x: Double, y: Double)], limit: Int) -> [Point] {
    let finite = points.filter { PlotScale.isDrawable($0.y, .linear) }
    guard finite.count > limit else { return finite.map { Point(x: $0.x, y: $0.y) } }
    return (0..<limit).map { group in
      let part = finite[group * finite.count / limit..<(group + 1) * finite.count / limit]
      let count = Double(part.count)
      let mean = part.reduce(0) { $0 + $1.y } / count
      let deviation = (part.reduce(0) { $0 + ($1.y - mean) * ($1.y - mean) } / count).squareRoot()
      return Point(
        x: part.reduce(0) { $0 + $1.x } / count, y: mean, band: mean - deviation...mean + deviation)
    }
  }
}
