import Foundation

/// Measured exchange times as one SVG file: a panel for each number of workers and size, time against the link.
package struct NetworkPlot {
  private struct Panel {
    let workers: Int
    let parameters: Int
    let results: [NetworkResult]
  }

  private let panels: [Panel]
  private let schemes: [String]
  private static let panel = (width: 400.0, height: 280.0, gap: 8.0, heading: 26.0)
  private static let columns = 3

  /// A plot of the results whose links are named.
  package init(_ results: [NetworkResult]) {
    var panels: [Panel] = []
    for parameters in Set(results.map(\.parameters)).sorted() {
      for workers in Set(results.map(\.workers)).sorted() {
        let part = results.filter {
          $0.workers == workers && $0.parameters == parameters && $0.linkBitsPerSecond != nil
        }
        if !part.isEmpty { panels.append(Panel(workers: workers, parameters: parameters, results: part)) }
      }
    }
    self.panels = panels
    var schemes: [String] = []
    for result in results where !schemes.contains(result.scheme) { schemes.append(result.scheme) }
    self.schemes = schemes
  }

  /// The file.
  ///
  /// - Parameter command: The command that made it, kept as a comment.
  /// - Returns: SVG on a white ground, with its style.
  package func svg(command: String) -> String {
    let columns = min(Self.columns, max(1, panels.count))
    let width = Double(columns) * (Self.panel.width + Self.panel.gap) - Self.panel.gap
    let rowHeight = Self.panel.heading + Self.panel.height
    let rows = (panels.count + columns - 1) / columns
    let legendTop = Double(rows) * rowHeight + 16
    let height = legendTop + 24
    let drawn = panels.enumerated().map { index, panel in
      draw(
        panel, left: Double(index % columns) * (Self.panel.width + Self.panel.gap),
        top: Double(index / columns) * rowHeight)
    }
    return SVGFile.text(
      width: width, height: height, command: command, style: AdvicePlot.style,
      body: (drawn + [legend(top: legendTop, width: width)]).joined(separator: "\n"))
  }

  private func draw(_ panel: Panel, left: Double, top: Double) -> String {
    let series = schemes.enumerated().map { index, scheme in
      let results = panel.results.filter { $0.scheme == scheme }
      var series = PlotSeries(
        label: scheme, colour: index % AdvicePlot.colours.count,
        points: results.compactMap { result in
          result.linkBitsPerSecond.map { .init(x: $0 / 1e9, y: 1000 * result.seconds) }
        }.sorted { $0.x < $1.x })
      series.isMarked = true
      return series
    }
    var plot = SVGPlot(xLabel: "link, Gbit/s", yLabel: "exchange, ms", yScale: .logarithmic, series: series)
    (plot.width, plot.height) = (Self.panel.width, Self.panel.height)
    plot.xScale = .logarithmic
    plot.xTickPlaces = [0.1, 0.2, 0.5, 1, 2, 5, 10]
    let title = "\(panel.workers) workers, \(FigureFormat.count(panel.parameters)) coordinates"
    return SVGFile.heading(title, at: (left, top)) + plot.svg(at: (left, top + Self.panel.heading))
  }

  private func legend(top: Double, width: Double) -> String {
    schemes.enumerated().map { index, scheme in
      let x = Int(58 + Double(index) * (width - 70) / Double(max(1, schemes.count)))
      return SVGFile.legendEntry(scheme, colour: index % AdvicePlot.colours.count, at: (x, Int(top)))
    }.joined()
  }
}
