import Foundation

/// Numbers for people to read.
///
/// Formats take the significant digits to show; those of means get three, those of spreads two.
package enum FigureFormat {
  package typealias Format = @Sendable (_ value: Double, _ digits: Int) -> String

  /// Significant digits, or all digits before the point.
  package static func plain(_ value: Double, _ digits: Int = 3) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "−inf" : "inf" }
    if value == 0 { return "0" }
    let exponent = Int(Foundation.floor(Foundation.log10(Swift.abs(value))))
    if exponent < -4 || exponent > 6 { return withMinus(String(format: "%.\(digits - 1)e", value)) }
    return withMinus(String(format: "%.\(max(0, digits - 1 - exponent))f", value))
  }

  /// A number with minus signs in the place of hyphens.
  package static func withMinus(_ number: String) -> String { String(number.map { $0 == "-" ? "−" : $0 }) }

  /// A whole number in groups of three digits.
  package static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "−" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// A mean with the spread beside it, unless the spread is too small to show.
  package static func spread(_ spread: Spread, _ format: Format) -> String {
    guard let deviation = spread.deviation, !(deviation < 5e-4 * Swift.abs(spread.mean)) else {
      return format(spread.mean, 3)
    }
    return "\(format(spread.mean, 3)) ± \(format(deviation, 2))"
  }

  /// A fixed number of digits after the point.
  package static func fixed(_ places: Int) -> Format {
    { value, digits in value.isFinite ? withMinus(String(format: "%.\(places)f", value)) : plain(value, digits) }
  }

  /// Seconds as milliseconds.
  package static func milliseconds(_ seconds: Double, _ digits: Int = 3) -> String { plain(1000 * seconds, digits) }

  /// A share between 0 and 1.
  package static func percent(_ share: Double, _ digits: Int = 3) -> String { fixed(1)(100 * share, digits) + " %" }

  /// A factor.
  package static func ratio(_ value: Double, _ digits: Int = 3) -> String { fixed(2)(value, digits) + "×" }

  /// Bytes in decimal units.
  package static func bytes(_ value: Double, _ digits: Int = 3) -> String {
    scaled(value, digits, base: 1000, units: ["B", "kB", "MB", "GB", "TB"])
  }

  /// Memory in binary units.
  package static func memory(_ value: Double, _ digits: Int = 3) -> String {
    scaled(value, digits, base: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB"])
  }

  /// A rate in decimal units of bits.
  package static func bitRate(_ bitsPerSecond: Double) -> String {
    guard bitsPerSecond.isFinite else { return "unlimited" }
    return scaled(bitsPerSecond, 3, base: 1000, units: ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"])
  }

  private static func scaled(_ value: Double, _ digits: Int, base: Double, units: [String]) -> String {
    var rest = value
    var unit = 0
    while Swift.abs(rest) >= base, unit + 1 < units.count {
      rest /= base
      unit += 1
    }
    let number = rest == rest.rounded() ? String(format: "%.0f", rest) : plain(rest, digits)
    return "\(number) \(units[unit])"
  }
}
