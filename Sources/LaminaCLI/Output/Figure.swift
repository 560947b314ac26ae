import Foundation

/// Numbers for people.
enum Figure {
  /// Four significant digits.
  static func short(_ value: Double) -> String { String(format: "%.4g", value) }

  /// Nine significant digits, enough to tell any two binary32 numbers apart.
  static func full(_ value: Double) -> String { String(format: "%.9g", value) }

  /// Seconds, minutes or hours.
  static func time(_ seconds: Double) -> String {
    if seconds < 60 { return String(format: "%.0f s", seconds) }
    if seconds < 3600 { return String(format: "%d min %02d s", Int(seconds) / 60, Int(seconds) % 60) }
    return String(format: "%d h %02d min", Int(seconds) / 3600, Int(seconds) % 3600 / 60)
  }
}
