import Foundation

/// Rate-distortion tables as one SVG file: a panel for each vector, dB above 4^−bits over all bits.
package struct DistortionPlot {
  /// Curves in the order of the legend, and their colours.
  private static let curves: [(scheme: String, label: String, colour: Int)] = [
    ("qsgd-max", "uniform levels, packed", 5), ("optimal", "optimal levels, packed", 2),
    ("optimal-128", "optimal levels, bucket 128, packed", 7), ("optimal-rans", "optimal levels, coded", 6),
    ("qsgd-max-rans", "uniform levels, coded", 4), ("eden", "EDEN, packed", 3),
    ("dithered", "dithered and coded", 1), ("dithered-layer", "the same, a step for each layer", 0),
  ]
  /// Above this a curve is not shown: its quantizer is of no use there.
  private static let ceiling = 16.0
  private static let panel = (width: 400.0, height: 300.0, gap: 8.0, heading: 26.0)
  private static let legendLeft = 58.0
  private static let legendLine = 18

  private let tables: [DistortionTable]
  private let bits: ClosedRange<Double>

  /// A plot of tables.
  ///
  /// - Parameter tables: At least one; schemes that have no curve are left out.
  package init(_ tables: [DistortionTable]) {
    precondition(!tables.isEmpty, "A plot shows at least one table")
    self.tables = tables
    let all = tables.flatMap(\.rows).map(\.bits)
    bits = (all.min() ?? 1)...(all.max() ?? 8)
  }

  /// The file.
  ///
  /// - Parameter command: The command that made it, kept as a comment.
  /// - Returns: SVG on a white ground, with its style.
  package func svg(command: String) -> String {
    let width = Double(tables.count) * (Self.panel.width + Self.panel.gap) - Self.panel.gap
    let legend = legend(width: width)
    let height = Self.panel.heading + Self.panel.height + Double(Self.legendLine * legend.count) + 10
    let panels = tables.enumerated().map { index, table in
      panel(table, left: Double(index) * (Self.panel.width + Self.panel.gap))
    }
    return SVGFile.text(
      width: width, height: height, command: command, style: Self.style,
      body: (panels + [drawn(legend, top: Self.panel.heading + Self.panel.height + 14)]).joined(separator: "\n"))
  }

  private func panel(_ table: DistortionTable, left: Double) -> String {
    var plot = SVGPlot(
      xLabel: "bits per coordinate, everything counted", yLabel: "dB above 4^−bits",
      series: Self.curves(of: table).map { curve in
        let rows = table.rows.filter { $0.scheme == curve.scheme && $0.decibels <= Self.ceiling }
        var series = PlotSeries(
          label: curve.label, colour: curve.colour, points: rows.map { .init(x: $0.bits, y: $0.decibels) })
        series.isMarked = true
        return series
      } + [bound(table)])
    (plot.width, plot.height) = (Self.panel.width, Self.panel.height)
    plot.alsoShown = [-2, Self.ceiling - 1]
    (plot.xTicks, plot.yTicks) = (8, 6)
    return SVGFile.heading(table.vector, at: (left, 0)) + plot.svg(at: (left, Self.panel.heading))
  }

  /// The Shannon bound, a straight line; empty where it is not known.
  private func bound(_ table: DistortionTable) -> PlotSeries {
    let row = table.rows.first { $0.shannonBound != nil }
    let height = row.flatMap { row in row.shannonBound.map { 10 * log10($0) + 20 * log10(2) * row.bits } }
    let ends = height.map { y in [bits.lowerBound, bits.upperBound].map { PlotSeries.Point(x: $0, y: y) } }
    var series = PlotSeries(label: "Shannon bound", colour: 0, points: ends ?? [])
    series.stroke = .hairline
    return series
  }

  /// The curves that a table has; a step for each layer is another curve only where there are several layers.
  private static func curves(of table: DistortionTable) -> [(scheme: String, label: String, colour: Int)] {
    curves.filter { curve in
      table.rows.contains {
        $0.scheme == curve.scheme && ($0.worstLayerError != nil || curve.scheme != "dithered-layer")
      }
    }
  }

  /// Names and colours in lines of the width of the file.
  private func legend(width: Double) -> [[(label: String, colour: Int, left: Double)]] {
    let shown = Set(tables.flatMap { Self.curves(of: $0).map(\.scheme) })
    var entries = Self.curves.filter { shown.contains($0.scheme) }.map { (label: $0.label, colour: $0.colour) }
    if tables.contains(where: { $0.rows.contains { $0.shannonBound != nil } }) { entries.append(("Shannon bound", 0)) }
    var lines: [[(label: String, colour: Int, left: Double)]] = [[]]
    var left = Self.legendLeft
    for entry in entries {
      let size = 36 + 5.8 * Double(entry.label.count)
      if left + size > width {
        lines.append([])
        left = Self.legendLeft
      }
      lines[lines.count - 1].append((entry.label, entry.colour, left))
      left += size
    }
    return lines
  }

  private func drawn(_ legend: [[(label: String, colour: Int, left: Double)]], top: Double) -> String {
    var svg = ""
    for (line, entries) in legend.enumerated() {
      let y = Int(top) + Self.legendLine * line
      for entry in entries {
        svg += SVGFile.legendEntry(entry.label, colour: entry.colour, at: (Int(entry.left), y))
      }
    }
    return svg
  }

  private static let colours = [
    "#7d828b", "#2f6db3", "#cf6a2c", "#2e8b68", "#9a53a8", "#b08a1e", "#c04a63", "#3e8f9e",
  ]

  private static let style =
    """
    text { font: 11px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #5a5f68; }
    .heading { font-weight: 600; font-size: 13px; fill: #23262b; } .name { font-size: 11.5px; }
    .grid { stroke: #ebe9e4; } .tick, .axis { stroke: #9a9fa8; }
    .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
    .hair { stroke-width: 1.2; stroke-dasharray: 5 4; }

    """
    + colours.enumerated().map { index, colour in
      ".line.s\(index) { stroke: \(colour); } .dot.s\(index) { fill: \(colour); }"
    }.joined(separator: "\n")
}
