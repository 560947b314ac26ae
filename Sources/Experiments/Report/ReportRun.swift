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
      timings = try TimingRecord.read(folder.timings)
    } catch RunFileError.missing {
      timings = []
    }
  }

  /// The seed, if the specification has one.
  public var seed: Int64? {
    if case .integer(let seed)? = manifest.spec["seed"] { seed } else { nil }
  }

  /// The specification up to the seed: equal for the runs of one arm.
  var arm: JSONValue { manifest.spec.removing("seed") }
}
