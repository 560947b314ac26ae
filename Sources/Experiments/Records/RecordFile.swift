/// Reads of whole logs.
enum RecordFile {
  /// Calls `take` with each line and its number; a torn last line is passed over.
  static func lines(
    of path: String, hint: String, _ take: (ArraySlice<UInt8>) throws -> Void
  ) throws(RunFileError) {
    let bytes = try WholeFile.read(path, hint: hint)
    var start = 0
    var line = 0
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      line += 1
      do {
        try take(bytes[start..<end])
      } catch {
        throw .malformed(path: path, line: line, reason: CanonicalJSON.reason(error))
      }
      start = end + 1
    }
  }
}

/// The records of a run, by kind.
public struct RunRecords: Hashable, Sendable {
  /// One per step.
  public var steps: [StepRecord] = []
  /// One per evaluation.
  public var evaluations: [EvaluationRecord] = []
  /// One per agreement on levels.
  public var levels: [LevelsRecord] = []
  /// The distance of real images, if it was measured.
  public var floor: FloorRecord?
  /// How the run ended, if it has.
  public var end: EndRecord?

  /// Reads `records.jsonl`; kinds unknown to this version are passed over.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``RunFileError``; `malformed` names the line.
  public init(path: String) throws(RunFileError) {
    var records = (
      steps: [StepRecord](), evaluations: [EvaluationRecord](), levels: [LevelsRecord](), floor: FloorRecord?.none,
      end: EndRecord?.none
    )
    try RecordFile.lines(of: path, hint: "the records of a run were expected") { line in
      switch try CanonicalJSON.decode(RecordHead.self, from: line).kind {
      case StepRecord.kind: records.steps.append(try CanonicalJSON.decode(StepRecord.self, from: line))
      case EvaluationRecord.kind:
        records.evaluations.append(try CanonicalJSON.decode(EvaluationRecord.self, from: line))
      case LevelsRecord.kind: records.levels.append(try CanonicalJSON.decode(LevelsRecord.self, from: line))
      case FloorRecord.kind: records.floor = try CanonicalJSON.decode(FloorRecord.self, from: line)
      case EndRecord.kind: records.end = try CanonicalJSON.decode(EndRecord.self, from: line)
      default: break
      }
    }
    (steps, evaluations, levels, floor, end) = records
  }
}

extension TimingRecord {
  /// Reads `timings.jsonl`.
  ///
  /// - Parameter path: The file.
  /// - Returns: One record per step.
  /// - Throws: ``RunFileError``; `malformed` names the line.
  public static func read(_ path: String) throws(RunFileError) -> [TimingRecord] {
    var timings: [TimingRecord] = []
    try RecordFile.lines(of: path, hint: "the timings of a run were expected") { line in
      timings.append(try CanonicalJSON.decode(TimingRecord.self, from: line))
    }
    return timings
  }
}
