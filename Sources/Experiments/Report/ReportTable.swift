/// A part of the comparison: one row per arm, one column per figure.
struct ReportTable: Sendable {
  struct Column: Sendable {
    /// The name of the figure in JSON.
    let key: String
    /// The heading.
    let title: String
    /// The unit, under the heading.
    let unit: String
    /// Whether the figure comes from a model and not from a clock.
    var isModelled = false
    let value: @Sendable (ReportFigures) -> Double?
    let format: FigureFormat.Format
  }

  let title: String
  let columns: [Column]
  /// A row of its own under the arms, by column key.
  var reference: (name: String, values: [String: Double])?

  /// The text of a cell.
  func cell(_ arm: ReportArm, _ column: Column) -> String {
    guard let spread = arm.spread(column.value) else { return "–" }
    return FigureFormat.spread(spread, column.format)
  }
}

extension Report {
  /// All tables of the comparison.
  var tables: [ReportTable] { [traffic, time, quality] }

  private var traffic: ReportTable {
    ReportTable(
      title: "Traffic and memory",
      columns: [
        .init(key: "steps", title: "steps", unit: "", value: { $0.steps }, format: FigureFormat.fixed(0)),
        .init(
          key: "bitsPerCoordinate", title: "bits", unit: "per coordinate", value: { $0.bitsPerCoordinate },
          format: FigureFormat.fixed(3)),
        .init(
          key: "bytesPerStep", title: "sent", unit: "per worker and step", value: { $0.bytesPerStep },
          format: FigureFormat.bytes),
        .init(
          key: "trafficRatio", title: "saving", unit: "full precision = 1×", value: { $0.trafficRatio },
          format: FigureFormat.ratio),
        .init(
          key: "normalizedError", title: "quantization error", unit: "relative, squared",
          value: { $0.normalizedError }, format: FigureFormat.plain),
        .init(
          key: "peakMemory", title: "peak memory", unit: "of the process", value: { $0.peakMemory },
          format: FigureFormat.memory),
      ])
  }

  private var time: ReportTable {
    ReportTable(
      title: "Time of a step",
      columns: [
        milliseconds("compute", "compute") { $0.compute },
        milliseconds("encode", "encode") { $0.encode },
        milliseconds("exchange", "exchange", unit: "ms, with waiting") { $0.exchange },
        milliseconds("decode", "decode") { $0.decode },
        milliseconds("solver", "solver") { $0.solver },
        milliseconds("total", "step") { $0.total },
        .init(
          key: "codingShare", title: "coding", unit: "encode + decode", value: { $0.codingShare },
          format: FigureFormat.percent),
        .init(
          key: "busyCodingShare", title: "coding", unit: "without exchange", value: { $0.busyCodingShare },
          format: FigureFormat.percent),
        .init(
          key: "modelledTotal", title: "step", unit: "ms at \(FigureFormat.bitRate(8 * link.bandwidth))",
          isModelled: true,
          value: { $0.modelledTotal }, format: FigureFormat.milliseconds),
      ])
  }

  private func milliseconds(
    _ key: String, _ title: String, unit: String = "ms", _ value: @escaping @Sendable (ReportFigures) -> Double?
  ) -> ReportTable.Column {
    .init(key: key, title: title, unit: unit, value: value, format: FigureFormat.milliseconds)
  }

  private var quality: ReportTable {
    var table = ReportTable(
      title: "Quality",
      columns: [
        .init(
          key: "lossGenerator", title: "generator loss", unit: "", value: { $0.lossGenerator },
          format: FigureFormat.plain),
        .init(
          key: "lossCritic", title: "critic loss", unit: "", value: { $0.lossCritic }, format: FigureFormat.plain),
        .init(
          key: "pixelFrechet", title: "Fréchet, pixels", unit: "lower is better", value: { $0.pixelFrechet },
          format: FigureFormat.plain),
        .init(
          key: "featureFrechet", title: "Fréchet, features", unit: "lower is better", value: { $0.featureFrechet },
          format: FigureFormat.plain),
      ])
    if let floor {
      table.reference = ("other real images", ["pixelFrechet": floor.pixel, "featureFrechet": floor.feature])
    }
    return table
  }
}
