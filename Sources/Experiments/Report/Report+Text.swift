extension Report {
  /// The comparison for a terminal.
  ///
  /// - Parameter hasNotes: Whether what the figures mean is said below.
  /// - Returns: Aligned tables and notes, each line ended.
  public func text(hasNotes: Bool = true) -> String {
    let blocks = tables.map { table in
      let header = [[table.title] + table.columns.map(heading), [""] + table.columns.map(\.unit)]
      var rows = arms.map { arm in [label(arm)] + table.columns.map { table.cell(arm, $0) } }
      if let reference = table.reference {
        rows.append([reference.name] + table.columns.map { Self.reference($0, reference.values) })
      }
      return aligned(header, rows)
    }
    let text = blocks.joined(separator: "\n")
    return hasNotes ? text + "\n" + notes.map { "  \($0)\n" }.joined() : text
  }

  /// The cell of a reference row, empty where it has no figure.
  static func reference(_ column: ReportTable.Column, _ values: [String: Double]) -> String {
    values[column.key].map { column.format($0, 3) } ?? ""
  }

  /// The name of an arm, with its number of seeds.
  func label(_ arm: ReportArm) -> String {
    arm.runs.count > 1 ? "\(arm.name) (\(arm.runs.count) \(arm.hasDistinctSeeds ? "seeds" : "runs"))" : arm.name
  }

  private func heading(_ column: ReportTable.Column) -> String {
    column.isModelled ? "\(column.title) (modelled)" : column.title
  }

  private func aligned(_ header: [[String]], _ rows: [[String]]) -> String {
    let all = header + rows
    let widths = (all.first ?? []).indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (column, cell) in cells.enumerated() {
        let gap = String(repeating: " ", count: widths[column] - cell.count)
        text += column == 0 ? cell + gap : "   " + gap + cell
      }
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    let rule = String(repeating: "─", count: widths.reduce(3 * (widths.count - 1), +)) + "\n"
    return header.map(line).joined() + rule + rows.map(line).joined()
  }
}
