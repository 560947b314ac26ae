import Foundation

/// A plot of curves as SVG, coloured by the style sheet of the page around it.
package struct SVGPlot {
  /// A dashed line across the plot.
  package struct Rule {
    let label: String
    let value: Double
  }

  let xLabel: String
  let yLabel: String
  var xScale = PlotScale.Kind.linear
  var yScale = PlotScale.Kind.linear
  var series: [PlotSeries]
  var rules: [Rule] = []
  /// Values that the vertical axis has beside those of the curves.
  var alsoShown: [Double] = []
  var width = 560.0
  var height = 300.0
  var xTicks = 6
  /// Where the horizontal axis has its ticks; nil for round numbers.
  package var xTickPlaces: [Double]?
  var yTicks = 5

  private let margin = (top: 12.0, right: 14.0, bottom: 40.0, left: 58.0)

  package init(
    xLabel: String, yLabel: String, yScale: PlotScale.Kind = .linear, series: [PlotSeries], rules: [Rule] = []
  ) {
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.yScale = yScale
    self.series = series
    self.rules = rules
  }

  /// Whether any curve has a visible point.
  var isEmpty: Bool { !series.contains { $0.points.contains { PlotScale.isDrawable($0.y, yScale) } } }

  /// The plot as an `svg` element.
  ///
  /// - Parameter place: Its upper left corner in an `svg` element around it; nil in a page.
  /// - Returns: The element.
  package func svg(at place: (x: Double, y: Double)? = nil) -> String {
    let points = series.flatMap(\.points)
    let x = PlotScale(
      xScale, showing: points.map(\.x), range: (margin.left, width - margin.right), room: 0.015)
    let bands = points.compactMap(\.band).flatMap { [$0.lowerBound, $0.upperBound] }
    let y = PlotScale(
      yScale, showing: points.map(\.y) + bands + rules.map(\.value) + alsoShown,
      range: (height - margin.bottom, margin.top), room: 0.06)
    let name = HTMLPage.escaped("\(yLabel) against \(xLabel)")
    return """
      <svg\(place.map(box) ?? "") viewBox="0 0 \(number(width)) \(number(height))" role="img" aria-label="\(name)">
      \(axes(x, y))<g clip-path="inset(0)">\(rules.map { rule($0, y) }.joined())\
      \(series.map { curve($0, x, y) }.joined())</g></svg>
      """
  }

  private func box(at place: (x: Double, y: Double)) -> String {
    #" x="\#(number(place.x))" y="\#(number(place.y))" width="\#(number(width))" height="\#(number(height))""#
  }

  // MARK: Axes

  private func axes(_ x: PlotScale, _ y: PlotScale) -> String {
    let (left, right, bottom) = (margin.left, width - margin.right, height - margin.bottom)
    var svg = ""
    for tick in y.ticks(yTicks) {
      guard let place = y.place(tick) else { continue }
      svg += #"<line class="grid" x1="\#(number(left))" x2="\#(number(right))" \#(pair("y", place))/>"#
      svg += text(tick, at: (left - 8, place + 4), anchor: "end")
    }
    for tick in xTickPlaces ?? x.ticks(xTicks) {
      guard let place = x.place(tick) else { continue }
      svg += #"<line class="tick" y1="\#(number(bottom))" y2="\#(number(bottom + 5))" \#(pair("x", place))/>"#
      svg += text(tick, at: (place, bottom + 18), anchor: "middle")
    }
    svg += #"<line class="axis" x1="\#(number(left))" x2="\#(number(right))" \#(pair("y", bottom))/>"#
    let (middle, centre) = ((left + right) / 2, (bottom + margin.top) / 2)
    svg += #"<text class="name" x="\#(number(middle))" y="\#(number(height - 6))" text-anchor="middle">"#
    svg += "\(HTMLPage.escaped(xLabel))</text>"
    svg += #"<text class="name" transform="translate(13 \#(number(centre))) rotate(-90)" text-anchor="middle">"#
    svg += "\(HTMLPage.escaped(yLabel))</text>\n"
    return svg
  }

  private func pair(_ axis: String, _ value: Double) -> String {
    "\(axis)1=\"\(number(value))\" \(axis)2=\"\(number(value))\""
  }

  private func text(_ tick: Double, at place: (x: Double, y: Double), anchor: String) -> String {
    let label = Self.tickLabel(tick)
    return #"<text x="\#(number(place.x))" y="\#(number(place.y))" text-anchor="\#(anchor)">\#(label)</text>"#
  }

  package static func tickLabel(_ value: Double) -> String {
    let magnitude = Swift.abs(value)
    if magnitude != 0, magnitude < 1e-3 || magnitude >= 1e6 {
      let exponent = Int(Foundation.floor(log10(magnitude) + 1e-9))
      let lead = magnitude / pow(10, Double(exponent))
      let power = "10<tspan dy=\"-4\" font-size=\"8\">\(FigureFormat.withMinus("\(exponent)"))</tspan>"
      let label = Swift.abs(lead - 1) < 1e-9 ? power : "\(String(format: "%g", lead))·\(power)"
      return value < 0 ? "−" + label : label
    }
    // Rounds away the error of multiples of the step.
    return FigureFormat.withMinus(String(format: "%.6g", magnitude < 1e-12 ? 0 : value))
  }

  // MARK: Curves

  private func rule(_ rule: Rule, _ y: PlotScale) -> String {
    guard let place = y.place(rule.value) else { return "" }
    let right = width - margin.right
    return #"<line class="rule" x1="\#(number(margin.left))" x2="\#(number(right))" \#(pair("y", place))/>"#
      + #"<text class="rule" x="\#(number(right - 4))" y="\#(number(place - 5))" text-anchor="end">"#
      + "\(HTMLPage.escaped(rule.label))</text>"
  }

  private func curve(_ series: PlotSeries, _ x: PlotScale, _ y: PlotScale) -> String {
    let places = series.points.compactMap { point -> (x: Double, y: Double)? in
      guard let across = x.place(point.x), let up = y.place(point.y) else { return nil }
      return (across, up)
    }
    guard !places.isEmpty else { return "" }
    var svg = band(series, x, y)
    svg += #"<path class="\#(style(series.stroke)) s\#(series.colour)" d="\#(path(places, series.isStepped))">"#
    svg += "<title>\(HTMLPage.escaped(series.label))</title></path>"
    guard series.isMarked || places.count == 1 else { return svg }
    let dots = places.map { #"<circle cx="\#(number($0.x))" cy="\#(number($0.y))" r="2.4"/>"# }
    return svg + #"<g class="dot s\#(series.colour)">\#(dots.joined())</g>"#
  }

  private func band(_ series: PlotSeries, _ x: PlotScale, _ y: PlotScale) -> String {
    let edges = series.points.compactMap { point -> (x: Double, low: Double, high: Double)? in
      guard let band = point.band, let across = x.place(point.x) else { return nil }
      func clipped(_ value: Double) -> Double {
        let inside = min(max(value, y.domain.lowerBound), y.domain.upperBound)
        return y.place(inside) ?? y.range.start
      }
      return (across, clipped(band.lowerBound), clipped(band.upperBound))
    }
    guard edges.count > 1 else { return "" }
    let outline = edges.map { ($0.x, $0.high) } + edges.reversed().map { ($0.x, $0.low) }
    return #"<path class="band s\#(series.colour)" d="\#(path(outline, false))Z"/>"#
  }

  private func style(_ stroke: PlotSeries.Stroke) -> String {
    switch stroke {
    case .main: "line"
    case .faint: "line faint"
    case .hairline: "line hair"
    }
  }

  private func path(_ places: [(x: Double, y: Double)], _ isStepped: Bool) -> String {
    var path = "M\(number(places[0].x)) \(number(places[0].y))"
    for place in places.dropFirst() {
      path += isStepped ? "H\(number(place.x))V\(number(place.y))" : "L\(number(place.x)) \(number(place.y))"
    }
    return path
  }

  /// A coordinate to a tenth of a unit, the resolution of the page.
  private func number(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? String(format: "%.0f", tenths) : String(format: "%.1f", tenths)
  }
}
