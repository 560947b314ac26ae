/// One run, as its folder tells it.
public struct ReportRun: Sendable {
  /// The folder.
  public let folder: RunFolder
  /// What was run.
  public let manifest: Manifest
  /// What happened.
  public let records: RunRecords
  /// How long it took; empty when the folder has no timings.
  public let timings: [TimingRecord]

  /// Reads the folder of a run, finished or not.
  ///
  /// - Parameter directory: The folder.
  /// - Throws: ``RunFileError``; a run without a single step is malformed.
  public init(directory: String) throws(RunFileError) {
    folder = RunFolder(directory)
    manifest = try Manifest(path: folder.manifest)
    records = try RunRecords(path: folder.records)
    guard !records.steps.isEmpty else {
      throw .malformed(path: folder.records, line: nil, reason: "the run has no step yet")
    }
    do throws(RunFileError) {
      // Of a run that was cut off, or still goes on, the two logs may end at different steps.
      let last = records.steps.last?.step ?? 0
      timings = try TimingRecord.read(folder.timings).filter { $0.step <= last }
    } catch RunFileError.missing {
      timings = []
    }
  }

  /// The seed, if the specification has one.
  public var seed: Int64? {
    if case .integer(let seed)? = manifest.spec["seed"] { seed } else { nil }
  }

  /// A sentence on a run that has not ended, or not well.
  var endWarning: String? {
    let steps = FigureFormat.count(records.steps.last?.step ?? 0)
    guard let end = records.end else {
      guard case .integer(let planned)? = manifest.spec["steps"] else {
        return "\(folder.path) has not ended: \(steps) steps are recorded."
      }
      return "\(folder.path) has not ended: \(steps) of \(FigureFormat.count(Int(planned))) steps are recorded."
    }
    return end.outcome == "nonFinite" ? "\(folder.path) ended at step \(steps): it left the finite numbers." : nil
  }

  /// The specification up to the seed: equal for the runs of one arm.
  var arm: JSONValue { manifest.spec.removing("seed") }
}
