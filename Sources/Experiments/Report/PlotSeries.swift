/// A curve with, perhaps, a band around it.
package struct PlotSeries {
  package struct Point {
    package let x: Double
    package let y: Double
    /// The ends of the band; nil for a bare curve.
    package var band: ClosedRange<Double>?

    package init(x: Double, y: Double, band: ClosedRange<Double>? = nil) {
      self.x = x
      self.y = y
      self.band = band
    }
  }

  package enum Stroke {
    case main
    /// One seed behind the mean of several.
    case faint
    /// Many lines in one plot.
    case hairline
  }

  /// The name of the curve in the tooltip.
  package let label: String
  /// The colour, an index into the palette of the page.
  package let colour: Int
  package var points: [Point]
  package var stroke = Stroke.main
  /// Whether to mark the points, where there are few of them.
  package var isMarked = false
  /// Whether the value holds until the next point.
  package var isStepped = false

  package init(
    label: String, colour: Int, points: [Point], stroke: Stroke = .main, isMarked: Bool = false, isStepped: Bool = false
  ) {
    self.label = label
    self.colour = colour
    self.points = points
    self.stroke = stroke
    self.isMarked = isMarked
    self.isStepped = isStepped
  }

  /// The means of groups of equal size, with the standard deviation of each group as a band.
  ///
  /// - Parameters:
  ///   - points: Abscissas in order with their values; values that are not finite are passed over.
  ///   - size: The points of a group; the last group may have fewer.
  /// - Returns: A point per group; without a band where groups have one value.
  package static func grouped(_ points: [(x: Double, y: Double)], size: Int) -> [Point] {
    let finite = points.filter { PlotScale.isDrawable($0.y, .linear) }
    guard size > 1 else { return finite.map { Point(x: $0.x, y: $0.y) } }
    return stride(from: 0, to: finite.count, by: size).map { start in
      let part = finite[start..<min(start + size, finite.count)]
      let count = Double(part.count)
      let mean = part.reduce(0) { $0 + $1.y } / count
      let deviation = (part.reduce(0) { $0 + ($1.y - mean) * ($1.y - mean) } / count).squareRoot()
      return Point(
        x: part.reduce(0) { $0 + $1.x } / count, y: mean, band: mean - deviation...mean + deviation)
    }
  }
}
