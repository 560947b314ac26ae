extension Report {
  /// The levels of each layer type over time, a plot per type, for each arm that agreed on levels.
  ///
  /// Where an arm has several seeds the first one is shown.
  func levelSections() -> [(heading: String, html: String)] {
    zip(arms, colours).compactMap { arm, colour in
      guard let run = arm.runs.first, let last = run.records.levels.last else { return nil }
      // One axis for all types, so that their levels can be compared.
      let all = run.records.levels.flatMap { $0.levels.values.joined() }
      let plots = last.levels.keys.sorted().map { type in
        levelFigure(of: type, in: run, colour: colour, axis: all)
      }
      guard !plots.isEmpty else { return nil }
      let seed = arm.runs.count > 1 ? ", \(run.folder.name)" : ""
      return (arm.name + seed, "<div class=\"cards small\">\(plots.joined())</div>")
    }
  }

  private func levelFigure(of type: String, in run: ReportRun, colour: Int, axis: [Double]) -> String {
    let records = run.records.levels.filter { $0.levels[type] != nil }
    let end = Double(run.records.steps.last?.step ?? 0)
    let count = records.map { $0.levels[type]?.count ?? 0 }.max() ?? 0
    let lines = (0..<count).map { index in
      var points = records.compactMap { record -> PlotSeries.Point? in
        guard let levels = record.levels[type], index < levels.count else { return nil }
        return .init(x: Double(record.step), y: levels[index])
      }
      if let last = points.last, last.x < end { points.append(.init(x: end, y: last.y)) }
      return PlotSeries(
        label: "level \(index)", colour: colour, points: points, stroke: .hairline, isStepped: true)
    }
    // Signed levels cannot stand on a logarithmic axis.
    let isSigned = axis.contains { $0 < 0 }
    var plot = SVGPlot(
      xLabel: "step", yLabel: "level", yScale: isSigned ? .linear : .logarithmic, series: lines)
    plot.alsoShown = axis
    plot.width = 280
    plot.height = 210
    plot.xTicks = 4
    plot.yTicks = 4
    return """
      <figure><figcaption>\(HTMLPage.escaped(type))</figcaption>
      \(plot.svg())</figure>

      """
  }
}
