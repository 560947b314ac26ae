extension Report {
  /// The colour of each arm: neutral for the first one at full precision, then the palette in order.
  var colours: [Int] {
    var next = 1
    var isNeutralTaken = false
    return arms.map { arm in
      if arm.isFullPrecision, !isNeutralTaken {
        isNeutralTaken = true
        return HTMLStyle.neutral
      }
      defer { next = next % (HTMLStyle.colours - 1) + 1 }
      return next
    }
  }

  /// A plot with its caption, in the order of the page.
  struct Curve {
    let title: String
    let detail: String
    let plot: SVGPlot
  }

  /// All curves that have something to show.
  var curves: [Curve] {
    let curves = [
      evaluation("Fréchet distance, pixels", "pixelFrechet", floor?.pixel) { $0.pixelFrechet },
      evaluation("Fréchet distance, features", "featureFrechet", floor?.feature) { $0.featureFrechet },
      training("Generator loss", "loss") { $0.lossGenerator },
      training("Critic loss", "loss") { $0.lossCritic },
      training("Bits per coordinate", "bits", showing: [0]) { $0.bitsPerCoordinate },
      training("Quantization error", "relative squared error", .logarithmic) { $0.normalizedError },
    ]
    return curves.filter { !$0.plot.isEmpty }
  }

  /// A curve of the evaluations: a faint line per seed and their mean.
  private func evaluation(
    _ title: String, _ label: String, _ floor: Double?, _ value: (EvaluationRecord) -> Double
  ) -> Curve {
    var series: [PlotSeries] = []
    for (arm, colour) in zip(arms, colours) {
      let lines = arm.runs.map { $0.records.evaluations.map { (x: Double($0.step), y: value($0)) } }
      if lines.count > 1 {
        series += zip(arm.runs, lines).map { run, line in
          PlotSeries(
            label: run.folder.name, colour: colour, points: line.map { .init(x: $0.x, y: $0.y) }, stroke: .faint)
        }
      }
      let mean = Self.mean(lines).map { PlotSeries.Point(x: $0.x, y: $0.y) }
      series.append(PlotSeries(label: arm.name, colour: colour, points: mean, isMarked: mean.count <= 40))
    }
    let rules = floor.map { [SVGPlot.Rule(label: "other real images", value: $0)] } ?? []
    let isSeveral = arms.contains { $0.runs.count > 1 }
    var plot = SVGPlot(xLabel: "step", yLabel: "distance", yScale: .logarithmic, series: series, rules: rules)
    // A tick where something was measured, as long as they are few.
    let steps = Set(series.flatMap(\.points).map(\.x)).sorted()
    if steps.count <= 8 { plot.xTickPlaces = steps }
    return Curve(title: title, detail: isSeveral ? "mean of the seeds, each seed faint" : "", plot: plot)
  }

  /// A curve of the steps, in groups.
  private func training(
    _ title: String, _ label: String, _ scale: PlotScale.Kind = .linear, showing alsoShown: [Double] = [],
    _ value: (StepRecord) -> Double?
  ) -> Curve {
    // Groups of one size for all, so that every curve is smoothed alike.
    let longest = arms.flatMap(\.runs).map(\.records.steps.count).max() ?? 0
    let size = (longest + 63) / 64
    let series = zip(arms, colours).map { arm, colour in
      let lines = arm.runs.map { run in
        run.records.steps.compactMap { record in value(record).map { (x: Double(record.step), y: $0) } }
      }
      return PlotSeries(label: arm.name, colour: colour, points: PlotSeries.grouped(Self.mean(lines), size: size))
    }
    let detail = size > 1 ? "means of \(size) steps, ± their deviation" : ""
    var plot = SVGPlot(xLabel: "step", yLabel: label, yScale: scale, series: series)
    plot.alsoShown = alsoShown
    return Curve(title: title, detail: detail, plot: plot)
  }

  /// The mean of several curves at each abscissa that all of them have.
  static func mean(_ lines: [[(x: Double, y: Double)]]) -> [(x: Double, y: Double)] {
    guard lines.count > 1 else { return lines.first ?? [] }
    var sums: [Double: (sum: Double, count: Int)] = [:]
    for point in lines.joined() {
      let before = sums[point.x] ?? (0, 0)
      sums[point.x] = (before.sum + point.y, before.count + 1)
    }
    return sums.filter { $0.value.count == lines.count }.sorted { $0.key < $1.key }.map {
      ($0.key, $0.value.sum / Double($0.value.count))
    }
  }
}
