/// How a run ended; the last line of its records.
public struct EndRecord: LogRecord, Hashable {
  public static var kind: String? { "end" }

  public var step: Int
  /// Why it ended, such as "reachedStepLimit" or "diverged".
  public var outcome: String
  /// A checksum of the final parameters, by which runs are seen to be equal.
  public var digest: String?

  /// The end of a run.
  public init(step: Int, outcome: String, digest: String? = nil) {
    self.step = step
    self.outcome = outcome
    self.digest = digest
  }
}
