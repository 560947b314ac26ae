import ArgumentParser
import Collectives

/// The speed of a link as it is written on the command line: bits per second with a unit.
struct LinkSpeed: Hashable {
  /// Bytes per second.
  let bandwidth: Double

  /// A speed in bits per second.
  init(bitsPerSecond: Double) { bandwidth = bitsPerSecond / 8 }

  /// Reads `5Gbps`, `100Mbit/s`, `64kbps`, or bits per second without a unit.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with the text.
  init(parsing text: String) throws(ValidationError) {
    guard
      let value = scaled(
        text,
        units: [
          ("gbit/s", 1e9), ("mbit/s", 1e6), ("kbit/s", 1e3), ("bit/s", 1),
          ("gbps", 1e9), ("mbps", 1e6), ("kbps", 1e3), ("bps", 1), ("g", 1e9), ("m", 1e6), ("k", 1e3), ("", 1),
        ]), value > 0
    else {
      throw ValidationError("'\(text)' is no speed; expected a positive number with a unit, such as 5Gbps or 100Mbps")
    }
    bandwidth = value / 8
  }
}

/// The latency of a link as it is written on the command line.
struct LinkLatency: Hashable {
  let seconds: Double

  /// A latency in seconds.
  init(seconds: Double) { self.seconds = seconds }

  /// Reads `0.5ns`, `50us`, `1ms`, or seconds without a unit.
  ///
  /// - Throws: A `ValidationError` that says what is wrong with the text.
  init(parsing text: String) throws(ValidationError) {
    guard let value = scaled(text, units: [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("", 1)]),
      value >= 0
    else {
      throw ValidationError("'\(text)' is no latency; expected a number with a unit, such as 50us or 1ms")
    }
    seconds = value
  }
}

extension LinkModel {
  /// The link of modelled figures: 5 Gbit/s and 50 µs where nothing else is asked for.
  static func chosen(speed: LinkSpeed? = nil, latency: LinkLatency? = nil) -> LinkModel {
    LinkModel(
      latency: (latency ?? LinkLatency(seconds: 50e-6)).seconds,
      bandwidth: (speed ?? LinkSpeed(bitsPerSecond: 5e9)).bandwidth)
  }
}

/// The number in `text`, times the factor of the first unit that it ends in.
private func scaled(_ text: String, units: [(name: String, factor: Double)]) -> Double? {
  let text = text.lowercased()
  guard let unit = units.first(where: { text.hasSuffix($0.name) }), let number = Double(text.dropLast(unit.name.count)),
    number.isFinite
  else { return nil }
  return number * unit.factor
}
