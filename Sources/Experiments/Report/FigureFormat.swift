import Foundation

/// Numbers for people to read.
enum FigureFormat {
  /// Three significant digits, or all digits before the point.
  static func plain(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    if value == 0 { return "0" }
    let exponent = Int(Foundation.floor(Foundation.log10(Swift.abs(value))))
    if exponent < -4 || exponent > 6 { return String(format: "%.2e", value) }
    return String(format: "%.*f", max(0, 2 - exponent), value)
  }

  /// A mean with the spread beside it, to the digits of the mean.
  static func spread(_ mean: Double, _ deviation: Double, _ format: (Double) -> String) -> String {
    "\(format(mean)) ± \(format(deviation))"
  }

  static func fixed(_ digits: Int) -> @Sendable (Double) -> String {
    { $0.isFinite ? String(format: "%.*f", digits, $0) : plain($0) }
  }

  /// Seconds as milliseconds.
  static func milliseconds(_ seconds: Double) -> String { plain(1000 * seconds) }

  static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  static func ratio(_ value: Double) -> String { String(format: "%.2f×", value) }

  /// Bytes in decimal units.
  static func bytes(_ value: Double) -> String { scaled(value, base: 1000, units: ["B", "kB", "MB", "GB", "TB"]) }

  /// Memory in binary units.
  static func memory(_ value: Double) -> String { scaled(value, base: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB"]) }

  /// A rate in decimal units of bits.
  static func bitRate(_ bitsPerSecond: Double) -> String {
    guard bitsPerSecond.isFinite else { return "unlimited" }
    return scaled(bitsPerSecond, base: 1000, units: ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"])
  }

  private static func scaled(_ value: Double, base: Double, units: [String]) -> String {
    var rest = value
    var unit = 0
    while Swift.abs(rest) >= base, unit + 1 < units.count {
      rest /= base
      unit += 1
    }
    let number = rest == rest.rounded() ? String(format: "%.0f", rest) : plain(rest)
    return "\(number) \(units[unit])"
  }
}
