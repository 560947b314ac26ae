import Foundation

extension Advice {
  /// The table for people, with what to use in its last line.
  package var text: String {
    var lines = [Self.line(["", "scheme", "received", "network", "codec", "exchange", "step", "speed-up"])]
    for row in rows {
      let p = row.prediction
      lines.append(
        Self.line([
          row.scheme == best.scheme ? "*" : "", row.scheme.title, FigureFormat.bytes(p.bytes),
          Self.milliseconds(p.network),
          Self.milliseconds(p.codec), Self.milliseconds(p.exchange), Self.milliseconds(p.step),
          FigureFormat.ratio(row.speedUp),
        ]))
    }
    lines.append("")
    lines.append(sentence)
    return lines.joined(separator: "\n") + "\n"
  }

  /// What to use, and why.
  package var sentence: String {
    let gain = FigureFormat.ratio(best.speedUp)
    if let flags = best.scheme.flags {
      return "Use \(best.scheme.title): \(gain) the speed of full precision (\(flags))."
    }
    if case .allReduce(bits: 16) = best.scheme {
      return "Send 16-bit numbers, without Lamina: \(gain) the speed of full precision, and nothing here is faster."
    }
    return
      "Do not compress: no scheme makes a step \(FigureFormat.percent(Self.leastGain - 1)) faster than full precision."
  }

  private static func milliseconds(_ seconds: Double) -> String { FigureFormat.milliseconds(seconds) + " ms" }

  private static func line(_ cells: [String]) -> String {
    let widths = [1, 32, 10, 12, 12, 12, 12, 9]
    var line = ""
    for (column, (cell, width)) in zip(cells, widths).enumerated() {
      let padding = String(repeating: " ", count: max(0, width - cell.count))
      line += column < 2 ? cell + padding + " " : padding + cell + " "
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}

extension AdviceGrid {
  /// The best scheme of every cell with its gain, a line for each number of workers.
  package var text: String {
    var letters: [ExchangeScheme: String] = [:]
    var order: [ExchangeScheme] = []
    for advice in cells.joined() where letters[advice.best.scheme] == nil {
      letters[advice.best.scheme] = String(UnicodeScalar(UInt8(97 + order.count % 26)))
      order.append(advice.best.scheme)
    }
    var lines = ["workers" + Self.speeds.map { Self.right(Self.name(speed: $0), 12) }.joined()]
    for (workers, row) in zip(Self.workers, cells) {
      let cells = row.map { advice in
        Self.right("\(letters[advice.best.scheme] ?? "") \(FigureFormat.ratio(advice.best.speedUp))", 12)
      }
      lines.append(Self.right(String(workers), 7) + cells.joined())
    }
    lines.append("")
    lines += order.map { "  \(letters[$0] ?? "")  \($0.title)" }
    return lines.joined(separator: "\n") + "\n"
  }

  static func name(speed: Double) -> String {
    speed < 1e9 ? String(format: "%.0f Mbit/s", speed / 1e6) : String(format: "%g Gbit/s", speed / 1e9)
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }
}
