extension Report {
  private struct Document: Encodable {
    struct Link: Encodable {
      let bandwidthBytesPerSecond: Double
      let latencySeconds: Double
    }
    struct Run: Encodable {
      let directory: String
      let seed: Int64?
      let created: String
      let figures: ReportFigures
    }
    struct Arm: Encodable {
      let name: String
      let isFullPrecision: Bool
      let plan: PlanSummary
      let runs: [Run]
      let summary: [String: Spread]
    }
    let command: [String]
    let link: Link
    let fullPrecisionBytes: Double
    let isBaselineMeasured: Bool
    let modelled: [String]
    let notes: [String]
    let arms: [Arm]
  }

  /// The comparison for machines: all figures of all runs, and the spread over the seeds of each arm.
  ///
  /// - Returns: One JSON object, keys sorted, ended by a line feed.
  /// - Throws: Nothing for figures that were read from files.
  public func json() throws -> [UInt8] {
    let columns = tables.flatMap(\.columns)
    let document = Document(
      command: command,
      link: .init(bandwidthBytesPerSecond: link.bandwidth, latencySeconds: link.latency),
      fullPrecisionBytes: fullPrecisionBytes, isBaselineMeasured: isBaselineMeasured,
      modelled: ["modelledExchange", "modelledTotal"], notes: notes,
      arms: arms.map { arm in
        var summary: [String: Spread] = [:]
        for column in columns { summary[column.key] = arm.spread(column.value) }
        summary["modelledExchange"] = arm.spread { $0.modelledExchange }
        return Document.Arm(
          name: arm.name, isFullPrecision: arm.isFullPrecision, plan: arm.runs[0].manifest.plan,
          runs: zip(arm.runs, arm.figures).map { run, figures in
            .init(directory: run.folder.path, seed: run.seed, created: run.manifest.created, figures: figures)
          },
          summary: summary)
      })
    return try CanonicalJSON.encode(document, pretty: true) + [0x0A]
  }
}
