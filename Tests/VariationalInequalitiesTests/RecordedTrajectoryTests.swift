import Foundation
import Testing
import VariationalInequalities

/// The trajectories of Golden/trajectories.json, which the optimizers of the Python package repeat in their own tests.
///
/// With LAMINA_WRITE_GOLDEN=1 in the environment the file is written instead of compared.
@Suite struct RecordedTrajectoryTests {
  private let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/trajectories.json")

  @Test("Solvers repeat their recorded trajectories to rounding")
  func repeatsRecord() throws {
    let made = RecordedTrajectory.all()
    if ProcessInfo.processInfo.environment["LAMINA_WRITE_GOLDEN"] == "1" {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try (encoder.encode(made) + Data("\n".utf8)).write(to: file)
      return
    }
    let recorded = try JSONDecoder().decode([RecordedTrajectory].self, from: Data(contentsOf: file))
    #expect(recorded.map(\.name) == made.map(\.name))
    for (made, recorded) in zip(made, recorded) {
      #expect(made.constants == recorded.constants && made.start == recorded.start)
      #expect(made.workers == recorded.workers && made.minimised == recorded.minimised)
      #expect(made.steps.count == recorded.steps.count)
      // Libraries round powers differently by a unit in the last place, 2e-16, which twenty steps do not magnify much.
      for (t, (step, expected)) in zip(made.steps, recorded.steps).enumerated() {
        let comment = Comment(rawValue: "\(made.name), step \(t + 1)")
        expectClose(numbers(of: step), numbers(of: expected), within: 1e-12, comment)
      }
    }
  }

  private func numbers(of step: RecordedTrajectory.Step) -> [Double] {
    step.mean + step.lookahead + step.current + (step.average ?? [])
      + [step.squaredNorms, step.squaredChanges] + [step.lookaheadStep, step.anchorStep].compactMap { $0 }
  }
}
