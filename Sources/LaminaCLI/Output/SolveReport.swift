import Experiments
import Foundation
import VariationalInequalities

/// The result of `lamina solve`, for people and for machines.
struct SolveReport: Encodable {
  private enum CodingKeys: String, CodingKey {
    case gap, slope, bitsPerCoordinate, messagesPerWorkerPerStep, solution, trajectory, lookaheads, resentMessages
  }

  let result: SolveResult
  let hasTrajectory: Bool

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(JSONNumber(result.gap), forKey: .gap)
    try container.encode(JSONNumber(result.slope), forKey: .slope)
    try container.encode(JSONNumber(result.bitsPerCoordinate), forKey: .bitsPerCoordinate)
    try container.encode(JSONNumber(result.messagesPerWorkerPerStep), forKey: .messagesPerWorkerPerStep)
    try container.encode(result.point.map(JSONNumber.init), forKey: .solution)
    try container.encodeIfPresent(result.traffic.retries?.messages, forKey: .resentMessages)
    guard hasTrajectory else { return }
    try container.encode(result.iterates.map { $0.map(JSONNumber.init) }, forKey: .trajectory)
    try container.encode(result.lookaheads.map { $0.map(JSONNumber.init) }, forKey: .lookaheads)
  }

  func printText(_ experiment: SolveExperiment, elapsed: Duration) {
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    print("problem                       \(experiment.problem.rawValue), \(experiment.dimension) coordinates")
    print("solver                        \(experiment.method.rawValue), \(experiment.workers) workers")
    print("steps                         \(result.steps) in \(Figure.short(seconds)) s")
    print("gap                           \(Figure.short(result.gap))")
    print("slope                         \(result.slope.map { String(format: "%.3f", $0) } ?? "-")")
    print(
      "bits per coordinate           \(Figure.short(result.bitsPerCoordinate)) "
        + "(\(Figure.short(result.framedBitsPerCoordinate)) with frames)")
    print("messages per worker per step  \(Figure.short(result.messagesPerWorkerPerStep))")
    if let retries = result.traffic.retries {
      print("messages sent again           \(retries.messages)")
    }
    let shown = result.point.prefix(8).map(Figure.short).joined(separator: " ")
    print("solution                      \(shown)\(result.point.count > 8 ? " …" : "")")
  }
}
