extension Report {
  /// Where the bits of each quantized arm go, by layer type; nil when no run says.
  func trafficHTML() -> String? {
    let tables = arms.compactMap(trafficTable)
    return tables.isEmpty ? nil : Self.trafficLegend + tables.joined()
  }

  private static let trafficLegend = """
    <div class="legend"><span><i class="chip s1"></i>symbols and signs, or exact coordinates</span>\
    <span><i class="chip s2"></i>norms</span><span><i class="chip s0"></i>headers, padding and agreement</span></div>
    """

  private func trafficTable(_ arm: ReportArm) -> String? {
    let shares = Self.meanTraffic(of: arm)
    let whole = shares.reduce(0) { $0 + $1.bits.norms + $1.bits.symbols + $1.bits.overhead }
    guard !arm.isFullPrecision, whole > 0 else { return nil }
    var coordinates: [String: Int] = [:]
    for layer in arm.runs[0].manifest.parameters {
      // Wraps instead of trapping: the shape comes from a file.
      coordinates[layer.type, default: 0] &+= layer.shape.reduce(1, &*)
    }
    // Layer types first, then what belongs to no layer.
    let ordered = shares.filter { coordinates[$0.type] != nil } + shares.filter { coordinates[$0.type] == nil }
    let rows = ordered.map { type, bits in
      let sum = bits.norms + bits.symbols + bits.overhead
      let perCoordinate = coordinates[type].map { FigureFormat.plain(sum / Double(max(1, $0))) } ?? "–"
      return """
        <tr><td>\(HTMLPage.escaped(type))</td><td>\(coordinates[type].map(FigureFormat.count) ?? "–")</td>\
        <td>\(FigureFormat.bytes(sum / 8))</td><td>\(perCoordinate)</td>\
        <td>\(FigureFormat.percent(sum / whole))</td><td>\(Self.bar(bits, sum))</td></tr>
        """
    }
    return """
      <h3>\(HTMLPage.escaped(arm.name))</h3>
      <div class="table"><table><thead><tr><th>layer type</th><th>coordinates</th><th>bytes a step</th>\
      <th>bits a coordinate</th><th>of all</th><th>made of</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>

      """
  }

  private static func bar(_ bits: StepRecord.Traffic, _ sum: Double) -> String {
    func part(_ value: Double, _ colour: Int) -> String {
      "<i class=\"s\(colour)\" style=\"width:\(FigureFormat.fixed(2)(sum > 0 ? 100 * value / sum : 0, 3))%\"></i>"
    }
    return "<div class=\"bar\">\(part(bits.symbols, 1))\(part(bits.norms, 2))\(part(bits.overhead, 0))</div>"
  }

  /// Mean bits of a step by layer type, over all steps of all runs, types in order of their names.
  private static func meanTraffic(of arm: ReportArm) -> [(type: String, bits: StepRecord.Traffic)] {
    var sums: [String: StepRecord.Traffic] = [:]
    var steps = 0.0
    for record in arm.runs.flatMap(\.records.steps) {
      steps += 1
      for (type, bits) in record.traffic {
        var sum = sums[type] ?? .init(norms: 0, symbols: 0, overhead: 0)
        sum.norms += bits.norms
        sum.symbols += bits.symbols
        sum.overhead += bits.overhead
        sums[type] = sum
      }
    }
    return sums.sorted { $0.key < $1.key }.map { type, sum in
      (
        type,
        .init(norms: sum.norms / steps, symbols: sum.symbols / steps, overhead: sum.overhead / steps)
      )
    }
  }
}
