import Foundation

extension Report {
  /// The last sample grid of each arm, with earlier ones folded away; nil when no run has any.
  ///
  /// Where an arm has several seeds the first one with grids is shown.
  ///
  /// - Throws: ``RunFileError`` for a grid that cannot be read.
  func samplesHTML() throws(RunFileError) -> String? {
    var figures: [String] = []
    for (arm, colour) in zip(arms, colours) {
      guard let run = arm.runs.first(where: { !$0.folder.sampleSteps.isEmpty }),
        let last = run.folder.sampleSteps.last
      else { continue }
      var figure = """
        <figure class="samples"><figcaption><i class="chip s\(colour)"></i>\(HTMLPage.escaped(arm.name))\
        <small>step \(last)\(run.seed.map { ", seed \($0)" } ?? "")</small></figcaption>
        \(try image(of: run, step: last))
        """
      let earlier = Self.spaced(run.folder.sampleSteps.dropLast(), 4)
      if !earlier.isEmpty {
        figure += "<details><summary>earlier steps</summary><div class=\"strip\">"
        for step in earlier { figure += "<div>\(try image(of: run, step: step))step \(step)</div>" }
        figure += "</div></details>"
      }
      figures.append(figure + "</figure>\n")
    }
    return figures.isEmpty ? nil : "<div class=\"cards\">\(figures.joined())</div>"
  }

  private func image(of run: ReportRun, step: Int) throws(RunFileError) -> String {
    let bytes = try WholeFile.read(run.folder.sample(step: step), hint: "a grid of samples was expected")
    let data = Data(bytes).base64EncodedString()
    return "<img alt=\"generated images, step \(step)\" src=\"data:image/png;base64,\(data)\">"
  }

  /// At most `count` of the steps, evenly spaced, the first among them.
  static func spaced(_ steps: ArraySlice<Int>, _ count: Int) -> [Int] {
    let steps = Array(steps)
    guard steps.count > count else { return steps }
    return (0..<count).map { steps[$0 * steps.count / count] }
  }
}
