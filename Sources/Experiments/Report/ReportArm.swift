/// Runs of one specification that differ in their seeds.
public struct ReportArm: Sendable {
  /// The name of the arm, for labels.
  public let name: String
  /// The runs, in the order in which they were given.
  public let runs: [ReportRun]
  /// The figures of each run.
  public let figures: [ReportFigures]

  /// Whether this is the arm that others are measured against.
  public var isFullPrecision: Bool { runs.first?.manifest.plan.isFullPrecision ?? false }

  /// Whether every run has a seed of its own.
  var hasDistinctSeeds: Bool { Set(runs.map(\.seed)).count == runs.count }

  /// The spread of a figure over the seeds, or nil when no run has it.
  func spread(_ figure: (ReportFigures) -> Double?) -> Spread? { Spread(figures.compactMap(figure)) }

  /// A name for runs that belong together: the one in their specification, or what their folders have in common.
  static func name(of runs: [ReportRun]) -> String {
    if case .string(let name)? = runs.first?.manifest.spec["name"], !name.isEmpty { return name }
    let names = runs.map(\.folder.name)
    guard let first = names.first else { return "" }
    guard names.count > 1 else { return first }
    var common = names.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
    for ending in ["seed", "s"] where common.hasSuffix("-" + ending) || common.hasSuffix("_" + ending) {
      common.removeLast(ending.count)
    }
    while let last = common.last, "-_. =".contains(last) { common.removeLast() }
    return common.isEmpty ? first : common
  }
}
