import Testing
import VariationalInequalities

/// Expects all coordinates to agree within `tolerance`.
func expectClose(
  _ actual: [Double], _ expected: [Double], within tolerance: Double, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, comment, sourceLocation: sourceLocation)
  for (a, b) in zip(actual, expected) where !(abs(a - b) <= tolerance) {
    Issue.record(
      "\(a) is not within \(tolerance) of \(b). \(comment.map { "\($0)" } ?? "")", sourceLocation: sourceLocation)
    return
  }
}
