import Collectives
import Foundation

/// Two panels as one SVG file: the gain over full precision against the link, and against the number of workers.
package struct AdvicePlot {
  private let model: StepModel
  private let schemes: [ExchangeScheme]
  private static let panel = (width: 460.0, height: 320.0, gap: 8.0, heading: 26.0)

  /// A plot around a model.
  ///
  /// - Parameters:
  ///   - model: The point in the middle: the panels vary its link, or its workers.
  ///   - schemes: The curves; full precision is the line at 1.
  package init(_ model: StepModel, schemes: [ExchangeScheme]) {
    self.model = model
    self.schemes = schemes.filter { $0 != .allReduce(bits: 32) }
  }

  /// The file.
  ///
  /// - Parameter command: The command that made it, kept as a comment.
  /// - Returns: SVG on a white ground, with its style.
  package func svg(command: String) -> String {
    let width = 2 * Self.panel.width + Self.panel.gap
    let columns = 3
    let lines = (schemes.count + columns - 1) / columns
    let legendTop = Self.panel.heading + Self.panel.height + 16
    let height = legendTop + Double(18 * lines) + 6
    let speed = AdviceGrid.name(speed: (8 * model.link.bandwidth / StepModel.payloadShare).rounded())
    return SVGFile.text(
      width: width, height: height, command: command, style: Self.style,
      body: """
        \(panel("\(model.workers) workers, modelled", label: "link, Gbit/s", left: 0, points: speeds, at: alongLinks))
        \(panel("\(speed), modelled", label: "workers", left: Self.panel.width + Self.panel.gap, points: workers,
          at: alongWorkers))
        \(legend(top: legendTop, width: width, columns: columns))
        """)
  }

  private var speeds: [Double] { stride(from: -1.0, through: 2.01, by: 0.1).map { Foundation.pow(10, $0) } }

  private var workers: [Double] { AdviceGrid.workers.map(Double.init) }

  private func alongLinks(_ speed: Double) -> StepModel {
    var model = model
    model.link = LinkModel(latency: model.link.latency, bandwidth: speed * 1e9 / 8 * StepModel.payloadShare)
    return model
  }

  private func alongWorkers(_ workers: Double) -> StepModel {
    var model = model
    model.workers = Int(workers)
    return model
  }

  private func panel(
    _ title: String, label: String, left: Double, points: [Double], at place: (Double) -> StepModel
  ) -> String {
    let series = schemes.enumerated().map { index, scheme in
      PlotSeries(
        label: scheme.title, colour: index % Self.colours.count,
        points: points.compactMap { x in
          let model = place(x)
          guard let full = model.prediction(for: .allReduce(bits: 32)), let own = model.prediction(for: scheme) else {
            return nil
          }
          return .init(x: x, y: full.step / own.step)
        })
    }
    var plot = SVGPlot(
      xLabel: label, yLabel: "speed-up over full precision", series: series,
      rules: [.init(label: "full precision", value: 1)])
    (plot.width, plot.height) = (Self.panel.width, Self.panel.height)
    plot.xScale = .logarithmic
    plot.xTickPlaces = label == "workers" ? points : [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    return SVGFile.heading(title, at: (left, 0)) + plot.svg(at: (left, Self.panel.heading))
  }

  private func legend(top: Double, width: Double, columns: Int) -> String {
    schemes.enumerated().map { index, scheme in
      let x = Int(58 + Double(index % columns) * (width - 70) / Double(columns))
      let y = Int(top) + 18 * (index / columns)
      return SVGFile.legendEntry(scheme.title, colour: index % Self.colours.count, at: (x, y))
    }.joined()
  }

  static let colours = [
    "#7d828b", "#2f6db3", "#7fb0e0", "#2e8b68", "#86c9ae", "#9a53a8", "#cfa3d8", "#cf6a2c", "#eab38f", "#c04a63",
    "#e5a3b0",
  ]

  static let style =
    """
    text { font: 11px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #5a5f68; }
    .heading { font-weight: 600; font-size: 13px; fill: #23262b; } .name { font-size: 11.5px; }
    .grid { stroke: #ebe9e4; } .tick, .axis { stroke: #9a9fa8; } line.rule { stroke: #9a9fa8; stroke-dasharray: 4 3; }
    .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }

    """
    + colours.enumerated().map { index, colour in
      ".line.s\(index) { stroke: \(colour); } .dot.s\(index) { fill: \(colour); }"
    }.joined(separator: "\n")
}
