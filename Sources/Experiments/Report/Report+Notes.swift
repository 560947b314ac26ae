extension Report {
  /// The link in words.
  var linkName: String {
    let rate = FigureFormat.bitRate(8 * link.bandwidth)
    return link.latency == 0 ? rate : "\(rate), \(FigureFormat.plain(1e6 * link.latency)) µs"
  }

  /// What the figures mean, one sentence each.
  package var notes: [String] {
    var notes = [
      "Bits and bytes are those that one worker sends per step, with norms, exact layers, headers and padding; means "
        + "over all steps.",
      isBaselineMeasured
        ? "Traffic is compared with the full-precision run, which sends "
          + "\(FigureFormat.bytes(fullPrecisionBytes)) per worker and step."
        : "Traffic is compared with 4 bytes a coordinate, \(FigureFormat.bytes(fullPrecisionBytes)) per worker and "
          + "step, for no full-precision run is among these.",
      "Seconds of a step are means over all steps, as measured where the runs were made. The exchange is mostly "
        + "waiting for the other workers, which share the cores; the second share of coding leaves it out.",
      "Modelled: the measured step with its exchange replaced by a ring all-gather of the same bytes, "
        + "or by the scatter-reduce that a run made, over "
        + "\(linkName), for full precision too.",
      "Losses are means of the last tenth of the steps; Fréchet distances are those of the last evaluation.",
    ]
    if let ring = fullPrecisionRing {
      notes.append(
        "Modelled with a ring all-reduce instead, which only unquantized vectors allow, the exchange at full precision "
          + "takes \(FigureFormat.milliseconds(ring)) ms.")
    }
    if arms.contains(where: { $0.runs.count > 1 }) {
      notes.append("Runs that differ in their seeds alone share a row: mean ± standard deviation over the seeds.")
    }
    return notes + runNotes + warnings
  }

  /// What happened to single runs, one sentence each.
  package var runNotes: [String] {
    arms.flatMap(\.runs).flatMap { run in
      var notes = (run.manifest.workerChanges ?? []).map {
        "\(run.folder.path) went on with \($0.after) workers in place of \($0.before) after step "
          + "\(FigureFormat.count($0.step))."
      }
      // Adds with wrapping: the numbers come from a file.
      let resent = run.records.steps.reduce(0) { $0 &+ ($1.resentMessages ?? 0) }
      if resent > 0 {
        notes.append("\(run.folder.path): \(FigureFormat.count(resent)) messages arrived damaged and were sent again.")
      }
      return notes
    }
  }

  /// What makes these runs hard to compare, one sentence each.
  private var warnings: [String] {
    var warnings: [String] = []
    let steps = arms.map { $0.runs.compactMap(\.records.steps.last?.step).max() ?? 0 }
    if Set(steps).count > 1 {
      let list = zip(arms, steps).map { "\($0.name) \(FigureFormat.count($1))" }.joined(separator: ", ")
      warnings.append("The runs have made different numbers of steps: \(list). Distances and losses follow the steps.")
    }
    for arm in arms where arm.runs.count > 1 && !arm.hasDistinctSeeds {
      warnings.append("\(arm.name): several runs have the same seed, so that their spread is not that of seeds.")
    }
    return warnings + arms.flatMap(\.runs).compactMap(\.endWarning)
  }

  /// Modelled seconds of a ring all-reduce at full precision: 2 (K - 1) rounds of a K-th of the vector.
  private var fullPrecisionRing: Double? {
    guard let workers = arms.first(where: \.isFullPrecision)?.runs.first?.manifest.workers, workers > 1 else {
      return nil
    }
    let rounds = Double(2 * (workers - 1))
    return rounds * (link.latency + fullPrecisionBytes / Double(workers) / link.bandwidth)
  }
}
