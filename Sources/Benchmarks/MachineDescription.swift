import Foundation
import LaminaNumerics

/// The machine and the binary that numbers are of.
package struct MachineDescription: Sendable, Codable {
  /// The processor, in its own words.
  package let processor: String
  /// The processors that this process may use.
  package let processorCount: Int
  /// The fastest instruction set of kernels, which the codec uses.
  package let tier: String
  /// The compiler of the kernels.
  package let compiler: String
  /// The system.
  package let system: String
  /// How the system gives huge pages to memory that does not ask for them.
  package let hugePages: String?
  /// How many processes wanted to run in the last minute, at the end of the run.
  package let load: Double?

  init() {
    let facts = Self.facts(of: "/proc/cpuinfo")
    let numbers = ["cpu family", "model", "stepping"].compactMap { name in facts[name].map { "\(name) \($0)" } }
    processor = ([facts["model name"] ?? "unknown processor"] + numbers).joined(separator: ", ")
    processorCount = ProcessInfo.processInfo.activeProcessorCount
    tier = KernelTier.active.rawValue
    compiler = BuildDescription.compiler
    system = ProcessInfo.processInfo.operatingSystemVersionString
    hugePages = Self.line(of: "/sys/kernel/mm/transparent_hugepage/enabled")
    load = Self.line(of: "/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) }
  }

  var lines: [String] {
    [
      "processor  \(processor), \(processorCount) in use; fastest tier \(tier)",
      "system     \(system); huge pages \(hugePages ?? "unknown"); load \(load.map { String($0) } ?? "unknown")",
      "compiler   \(compiler)",
    ]
  }

  private static func line(of path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return text.split(separator: "\n").first.map(String.init)
  }

  /// The first value of each name in lines of the form `name : value`.
  private static func facts(of path: String) -> [String: String] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
    var facts: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2, facts[parts[0]] == nil else { continue }
      facts[parts[0]] = parts[1]
    }
    return facts
  }
}
