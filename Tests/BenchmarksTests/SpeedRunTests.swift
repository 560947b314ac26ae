import Benchmarks
import Foundation
import LaminaNumerics
import Testing

@Suite("Speed of the codec")
struct SpeedRunTests {
  /// A run that is too small to say anything about speed.
  private static let report = SpeedRun(
    SpeedOptions(tiers: KernelTier.supported, bits: [2, 4, 8], size: 20_000, repetitions: 1, threads: 2)
  ).report()

  @Test("Every time and every ratio is a positive number")
  func finite() {
    for result in Self.report.results {
      #expect(result.seconds > 0 && result.seconds.isFinite, "\(result.name)")
      #expect(Self.report.ratio(of: result) > 0 && Self.report.ratio(of: result).isFinite, "\(result.name)")
      #expect(result.gigabytesPerSecond > 0 && result.gigabytesPerSecond.isFinite, "\(result.name)")
    }
  }

  @Test("Every tier of the processor is measured in every group, and no name appears twice")
  func complete() {
    let names = Self.report.results.map(\.name)
    #expect(Set(names).count == names.count)
    for tier in KernelTier.supported {
      for group in ["norm", "packed", "dither", "rans", "dithered"] {
        #expect(names.contains { $0.group == group && $0.tier == tier.rawValue }, "\(group) on \(tier)")
      }
    }
    for group in ["yardstick", "check", "frame"] { #expect(names.contains { $0.group == group }) }
    #expect(names.contains { $0.group == "dithered" && $0.threads == 2 })
  }

  @Test("All tiers and all numbers of threads take the same bits and make the same error")
  func sameBytes() {
    var found: [SpeedName: SpeedQuality] = [:]
    for result in Self.report.results {
      guard let quality = result.quality else { continue }
      var name = result.name
      name.tier = nil
      name.threads = 1
      if let other = found[name] { #expect(other == quality, "\(name)") } else { found[name] = quality }
    }
    #expect(found.count > 10)
  }

  @Test("Dithered layers have the error of their step, within 5 standard errors")
  func errors() throws {
    let result = try #require(
      Self.report.results.first { $0.name.group == "dithered" && $0.name.bits == 4 && $0.name.variant == "agreed step" }
    )
    // Δ²/12 with Δ = √(2πe)/16; the mean of 20,000 squares of uniform errors has a relative deviation of √(4/5)/141,
    // the squared norm one of √2/141.
    let expected = 2 * Double.pi * M_E / 256 / 12
    let error = try #require(result.quality?.normalizedError)
    #expect(abs(error / expected - 1) < 5 * (0.8 + 2).squareRoot() / 141)
  }

  @Test("The JSON object has the machine, the options and the results")
  func json() throws {
    let data = try JSONEncoder().encode(Self.report)
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(object.keys) == ["machine", "size", "repetitions", "threads", "results"])
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.count == Self.report.results.count)
    #expect(results.allSatisfy { $0["name"] != nil && $0["seconds"] != nil && $0["coordinates"] != nil })
  }

  @Test("The text has a line for every result and a head for every group")
  func text() {
    let lines = Self.report.text.split(separator: "\n")
    let groups = Set(Self.report.results.map(\.name.group)).count
    #expect(lines.count { $0.contains("x memcpy") } >= groups)
    for word in ["processor", "compiler", "vector", "timing", "draws"] {
      #expect(lines.contains { $0.hasPrefix(word) })
    }
    #expect(lines.count { $0.contains("memset") } == 1)
  }
}
