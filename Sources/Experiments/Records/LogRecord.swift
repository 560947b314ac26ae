/// One line of a log: what became known at a step.
///
/// The lines of `records.jsonl` carry their `kind` and hold only facts that the command determines, so that the same
/// command gives the same bytes on any number of threads. Wall-clock figures go to `timings.jsonl`. A reader passes over
/// kinds and keys that it does not know.
public protocol LogRecord: Codable, Sendable {
  /// The value under the key "kind", or nil in a log of one kind.
  static var kind: String? { get }
  /// The step after which the line was written, from 1; 0 is before the first.
  var step: Int { get }
}
