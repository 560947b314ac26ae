extension Report {
  /// The comparison as one page that needs no other file.
  ///
  /// - Returns: HTML with inline SVG curves, and sample grids embedded.
  /// - Throws: ``RunFileError`` for a sample grid that cannot be read.
  public func html() throws(RunFileError) -> String {
    let line = ShellQuoting.line(command)
    var page = HTMLPage(title: title, command: line)
    page.sections.append(header(line))
    let notes = notes.map { "<li>\(HTMLPage.escaped($0))</li>" }.joined(separator: "\n")
    page.section("Figures", nil, tables.map(table).joined() + "<ul class=\"notes\">\n\(notes)\n</ul>")
    if let samples = try samplesHTML() {
      page.section("Samples", "Images that the generator draws from fixed noise.", samples)
    }
    page.section("Curves", nil, "<div class=\"cards\">\(curves.map(card).joined())</div>")
    if let traffic = trafficHTML() {
      page.section("Where the bits go", "Means over all steps, of what one worker sends.", traffic)
    }
    let levels = levelSections()
    if !levels.isEmpty {
      let content = levels.map { "<h3>\(HTMLPage.escaped($0.heading))</h3>\n\($0.html)" }.joined()
      page.section(
        "Levels of each layer type",
        "A line per level on a logarithmic axis, without the level 0, as the workers agreed on them.",
        content)
    }
    page.sections.append(footer)
    return page.html()
  }

  /// What is compared, in the tab and on top of the page.
  private var title: String {
    arms.count > 5
      ? "Lamina: \(arms.count) settings side by side" : "Lamina: \(arms.map(\.name).joined(separator: ", "))"
  }

  private func header(_ line: String) -> String {
    let manifest = arms[0].runs[0].manifest
    let facts = manifest.dataSet
    let text =
      "\(manifest.workers) workers, \(FigureFormat.count(manifest.dimension)) coordinates, trained on \(FigureFormat.count(facts.count)) images of "
      + "\(facts.width) by \(facts.height) pixels: \(facts.name)."
    return """
      <header><h1>\(HTMLPage.escaped(title))</h1>
      <p class="lead">\(HTMLPage.escaped(text))</p>
      <pre>\(HTMLPage.escaped(line))</pre></header>

      """
  }

  private func card(_ curve: Curve) -> String {
    // Which arms a plot shows, beside the curves themselves.
    let shown = Set(curve.plot.series.filter { !$0.points.isEmpty }.map(\.colour))
    let entries = zip(arms, colours).filter { shown.contains($0.1) }.map { arm, colour in
      "<span><i class=\"chip s\(colour)\"></i>\(HTMLPage.escaped(arm.name))</span>"
    }
    return """
      <figure><figcaption>\(HTMLPage.escaped(curve.title))<small>\(HTMLPage.escaped(curve.detail))</small></figcaption>
      <div class="legend">\(entries.joined())</div>
      \(curve.plot.svg())</figure>

      """
  }

  private func table(_ table: ReportTable) -> String {
    let headings = table.columns.map { column in
      let badge = column.isModelled ? " <em>modelled</em>" : ""
      let unit = column.unit.isEmpty ? "" : "<small>\(HTMLPage.escaped(column.unit))</small>"
      return "<th\(style(column))>\(HTMLPage.escaped(column.title))\(badge)\(unit)</th>"
    }
    var rows = zip(arms, colours).map { arm, colour in
      let cells = table.columns.map { "<td\(style($0))>\(HTMLPage.escaped(table.cell(arm, $0)))</td>" }
      let name = "<td><i class=\"chip s\(colour)\"></i>\(HTMLPage.escaped(label(arm)))</td>"
      return "<tr>\(name)\(cells.joined())</tr>"
    }
    if let reference = table.reference {
      let cells = table.columns.map { "<td>\(Self.reference($0, reference.values))</td>" }
      rows.append("<tr class=\"reference\"><td>\(reference.name)</td>\(cells.joined())</tr>")
    }
    return """
      <div class="table"><table><thead><tr><th>\(table.title)</th>\(headings.joined())</tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>

      """
  }

  private func style(_ column: ReportTable.Column) -> String { column.isModelled ? " class=\"modelled\"" : "" }

  private var footer: String {
    let runs = arms.flatMap(\.runs).map { run in
      "<li>\(HTMLPage.escaped(run.folder.path)): <code>"
        + "\(HTMLPage.escaped(ShellQuoting.line(run.manifest.commandLine)))</code>, "
        + "begun \(HTMLPage.escaped(run.manifest.created)), "
        + "now at step \(FigureFormat.count(run.records.steps.last?.step ?? 0)), data \(HTMLPage.escaped(run.manifest.dataSet.checksum))</li>"
    }
    return "<footer>The runs<ul class=\"notes\">\n\(runs.joined(separator: "\n"))\n</ul></footer>\n"
  }
}
