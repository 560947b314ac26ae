import Foundation
import LaminaNumerics

/// What one timed thing cost.
package struct SpeedResult: Sendable, Codable {
  /// What was timed.
  package let name: SpeedName
  /// The coordinates of one run.
  package let coordinates: Int
  /// The time of the fastest run.
  package let seconds: Double
  /// What it is to reach.
  package let goal: SpeedGoal?
  /// Size and error.
  package let quality: SpeedQuality?

  /// Billions of bytes of binary32 coordinates per second.
  package var gigabytesPerSecond: Double { 4e-9 * Double(coordinates) / seconds }
}

/// All results of a run, with the machine that they are of.
package struct SpeedReport: Sendable, Codable {
  /// The machine and the binary.
  package let machine: MachineDescription
  /// The coordinates of the vector.
  package let size: Int
  /// How often everything was run.
  package let repetitions: Int
  /// The most threads in use.
  package let threads: Int
  /// The results, the yardsticks first.
  package let results: [SpeedResult]

  init(options: SpeedOptions, results: [SpeedResult]) {
    machine = MachineDescription()
    size = options.size
    repetitions = options.repetitions
    threads = options.threads
    self.results = results
  }

  /// The fastest run of a yardstick.
  private func seconds(of name: SpeedName) -> Double { results.first { $0.name == name }?.seconds ?? .nan }

  /// How fast a result is beside a yardstick of the same run; above 1 it is faster.
  package func ratio(of result: SpeedResult, to name: SpeedName) -> Double { seconds(of: name) / result.seconds }

  /// The ratio to memcpy, in which goals are given.
  package func ratio(of result: SpeedResult) -> Double { ratio(of: result, to: Yardsticks.memcpy) }
}

extension SpeedReport {
  /// The report for people: a header, then a table for each group.
  package var text: String {
    let rows = results.map(row)
    var widths = [Int](repeating: 0, count: Self.titles.count)
    for row in [Self.titles] + rows {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
    }
    var lines = machine.lines
    lines.append(
      "vector     \(size) coordinates, \(Self.figure(4 * Double(size) / 1_048_576)) MiB of binary32, Gaussian")
    lines.append("timing     least of \(repetitions) runs, all variants in turn, up to \(threads) threads")
    lines.append("draws      RoundingStream, a 32-bit hash of a counter under two keys, 16 bits a coordinate")
    var group = ""
    for (row, result) in zip(rows, results) {
      if result.name.group != group {
        group = result.name.group
        lines.append("")
        lines.append(Self.line(Self.titles, widths))
      }
      lines.append(Self.line(row, widths))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static let titles = [
    "x memcpy", "x read", "x y+=x", "ms", "GB/s", "group", "operation", "tier", "bits", "variant", "threads",
    "bits/coord", "error", "must/aim", "goal",
  ]
  private static let leftAligned: Set<Int> = [5, 6, 7, 9, 14]

  private func row(_ result: SpeedResult) -> [String] {
    let ratio = ratio(of: result)
    return [
      Self.figure(ratio), Self.figure(self.ratio(of: result, to: Yardsticks.readMaximum)),
      Self.figure(self.ratio(of: result, to: Yardsticks.add)), Self.figure(1000 * result.seconds),
      Self.figure(result.gigabytesPerSecond), result.name.group, result.name.operation, result.name.tier ?? "",
      result.name.bits.map(String.init) ?? "", result.name.variant ?? "", String(result.name.threads),
      result.quality?.bitsPerCoordinate.map { String(format: "%.4f", $0) } ?? "", errorText(result),
      result.goal.map { goal in
        String(format: "%.2f", goal.must) + (goal.aim.map { String(format: "/%.2f", $0) } ?? "")
      } ?? "",
      result.goal?.verdict(ratio) ?? "",
    ]
  }

  /// The normalised error, or what a coder spends above the entropy.
  private func errorText(_ result: SpeedResult) -> String {
    if let error = result.quality?.normalizedError { return String(format: "%.3e", error) }
    guard let bits = result.quality?.bitsPerCoordinate, let entropy = result.quality?.entropyBits else { return "" }
    return String(format: "H%+.2f %%", 100 * (bits / entropy - 1))
  }

  private static func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      line += (leftAligned.contains(column) ? cell + padding : padding + cell) + "  "
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  private static func figure(_ value: Double) -> String {
    value.isFinite ? String(format: value < 100 ? "%.2f" : "%.0f", value) : "-"
  }
}
