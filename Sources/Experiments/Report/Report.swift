import Collectives
import Foundation

/// Runs side by side: as text for a terminal, as JSON, and as a page.
///
/// Runs whose specifications differ in the seed alone are one arm, shown with mean and spread. Measured and modelled
/// seconds are kept apart: the modelled step is the measured one with its exchange replaced by a ring all-gather over
/// the given link.
public struct Report: Sendable {
  /// The arms, in the order of their first runs.
  public let arms: [ReportArm]
  /// The link of the modelled figures.
  public let link: LinkModel
  /// The program and its arguments that made the report.
  public let command: [String]
  /// Bytes per worker and step that ratios are taken against.
  public let fullPrecisionBytes: Double
  /// Whether ``fullPrecisionBytes`` was measured in one of the runs, or else is 4 bytes a coordinate.
  public let isBaselineMeasured: Bool

  /// Reads the folders of runs.
  ///
  /// - Parameters:
  ///   - directories: One folder per run, at least one.
  ///   - link: The link of the modelled figures.
  ///   - command: The program and its arguments.
  /// - Throws: ``RunFileError``, also where two names lead to one folder.
  public init(directories: [String], link: LinkModel, command: [String]) throws(RunFileError) {
    var runs: [ReportRun] = []
    var seen: Set<[Int]> = []
    for directory in directories {
      runs.append(try ReportRun(directory: directory))
      guard let facts = try? FileManager.default.attributesOfItem(atPath: directory + "/."),
        let device = facts[.systemNumber] as? Int, let file = facts[.systemFileNumber] as? Int
      else { continue }
      guard seen.insert([device, file]).inserted else {
        throw .malformed(path: directory, line: nil, reason: "this run is named twice")
      }
    }
    self.init(runs: runs, link: link, command: command)
  }

  init(runs: [ReportRun], link: LinkModel, command: [String]) {
    precondition(!runs.isEmpty, "a report compares at least one run")
    self.link = link
    self.command = command
    let full = runs.filter(\.manifest.plan.isFullPrecision).flatMap { $0.records.steps.map(\.bytes) }
    isBaselineMeasured = !full.isEmpty
    let bytes = full.isEmpty ? 4 * Double(runs[0].manifest.dimension) : full.reduce(0, +) / Double(full.count)
    fullPrecisionBytes = bytes

    var groups: [[ReportRun]] = []
    for run in runs {
      if let group = groups.firstIndex(where: { $0[0].arm == run.arm }) {
        groups[group].append(run)
      } else {
        groups.append([run])
      }
    }
    let names = groups.map(ReportArm.name(of:))
    arms = groups.indices.map { index in
      // Two arms of one name are told apart by their folders.
      let isUnique = names.filter { $0 == names[index] }.count == 1
      return ReportArm(
        name: isUnique ? names[index] : "\(names[index]) (\(groups[index][0].folder.name))", runs: groups[index],
        figures: groups[index].map { ReportFigures(of: $0, fullPrecisionBytes: bytes, link: link) })
    }
  }

  /// The distances between real images, the mean over the runs that measured them.
  var floor: (pixel: Double, feature: Double)? {
    let figures = arms.flatMap(\.figures)
    guard let pixel = Spread(figures.compactMap(\.pixelFloor)),
      let feature = Spread(figures.compactMap(\.featureFloor))
    else { return nil }
    return (pixel.mean, feature.mean)
  }
}
