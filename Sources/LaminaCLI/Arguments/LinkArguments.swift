import ArgumentParser

/// The speed of a link as it is written on the command line: bits per second with a unit.
struct LinkSpeed: Hashable, ExpressibleByArgument {
  /// Bytes per second.
  let bandwidth: Double

  /// A speed in bits per second.
  init(bitsPerSecond: Double) { bandwidth = bitsPerSecond / 8 }

  /// `5Gbps`, `100Mbit/s`, `64kbps`, or bits per second without a unit.
  init?(argument: String) {
    guard
      let value = scaled(
        argument,
        units: [
          ("gbit/s", 1e9), ("mbit/s", 1e6), ("kbit/s", 1e3), ("bit/s", 1),
          ("gbps", 1e9), ("mbps", 1e6), ("kbps", 1e3), ("bps", 1), ("g", 1e9), ("m", 1e6), ("k", 1e3), ("", 1),
        ]), value > 0
    else { return nil }
    bandwidth = value / 8
  }

  var defaultValueDescription: String { "\(Figure.short(8 * bandwidth / 1e9))Gbps" }
}

/// The latency of a link as it is written on the command line.
struct LinkLatency: Hashable, ExpressibleByArgument {
  let seconds: Double

  /// A latency in seconds.
  init(seconds: Double) { self.seconds = seconds }

  /// `50us`, `1ms`, or seconds without a unit.
  init?(argument: String) {
    guard let value = scaled(argument, units: [("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("", 1)]),
      value >= 0
    else { return nil }
    seconds = value
  }

  var defaultValueDescription: String { "\(Figure.short(seconds * 1e6))us" }
}

/// The number in `text`, times the factor of the first unit that it ends in.
private func scaled(_ text: String, units: [(name: String, factor: Double)]) -> Double? {
  let text = text.lowercased()
  guard let unit = units.first(where: { text.hasSuffix($0.name) }), let number = Double(text.dropLast(unit.name.count)),
    number.isFinite
  else { return nil }
  return number * unit.factor
}
