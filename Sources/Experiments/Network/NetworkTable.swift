import Foundation

/// Results of ``NetworkRun`` from several networks, as text: a table for each number of workers and link.
package struct NetworkTable: Sendable {
  private let groups: [[NetworkResult]]

  /// A table of results, in the order in which their networks first appear.
  package init(_ results: [NetworkResult]) {
    var order: [[Double]] = []
    var groups: [[Double]: [NetworkResult]] = [:]
    for result in results {
      let key = [result.linkBitsPerSecond ?? 0, Double(result.workers), Double(result.parameters)]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(result)
    }
    self.groups = order.map { groups[$0] ?? [] }
  }

  /// The text.
  package var text: String { groups.map(Self.text).joined(separator: "\n") }

  private static let titles = [
    "scheme", "time", "gain", "received", "goodput", "of link", "on the wire", "predicted", "from link",
  ]

  private static func text(_ results: [NetworkResult]) -> String {
    guard let first = results.first else { return "" }
    let link = first.linkBitsPerSecond.map { AdviceGrid.name(speed: $0) } ?? "an unnamed link"
    let full = results.first { $0.scheme == ExchangeScheme.allReduce(bits: 32).title }
    let cost = first.transportCost.map { String(format: ", %.2f ns of processor a byte", 1e9 * $0) } ?? ""
    var lines = [
      "\(first.workers) workers, \(link), \(FigureFormat.count(first.parameters)) coordinates\(cost)", line(titles),
    ]
    for result in results {
      let gain = full.map { FigureFormat.ratio($0.seconds / result.seconds) } ?? "-"
      let share = result.linkBitsPerSecond.map { FigureFormat.percent(result.goodput / $0) } ?? "-"
      // Headers of TCP, IP and Ethernet, acknowledgements, and the time stamps of the measurement itself.
      let wire = result.interfaceBytes.map { signed($0 / result.sentBytes - 1) } ?? "-"
      let predictions = [result.predictedSeconds, result.predictedFromLink].map { seconds in
        seconds.map { signed($0 / result.seconds - 1) } ?? "-"
      }
      lines.append(
        line(
          [
            result.scheme, FigureFormat.milliseconds(result.seconds) + " ms", gain,
            FigureFormat.bytes(result.receivedBytes), FigureFormat.bitRate(result.goodput), share, wire,
          ] + predictions))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func signed(_ share: Double) -> String {
    (share < 0 ? "" : "+") + FigureFormat.percent(share)
  }

  private static func line(_ cells: [String]) -> String {
    let widths = [32, 12, 9, 10, 14, 9, 12, 10, 10]
    return zip(cells, widths).enumerated().map { column, entry in
      let padding = String(repeating: " ", count: max(0, entry.1 - entry.0.count))
      return column == 0 ? entry.0 + padding : padding + entry.0
    }.joined(separator: " ")
  }
}
