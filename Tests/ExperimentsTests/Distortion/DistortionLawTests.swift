import Experiments
import Foundation
import LaminaNumerics
import Quantization
import Testing

/// What the dithered quantizer promises against 4^−bits, the best levels, and EDEN; 2²⁰ coordinates, every bit counted.
@Suite("Rate and distortion")
struct DistortionLawTests {
  /// The promises for one law of the coordinates.
  struct Promise: Sendable, CustomTestStringConvertible {
    let source: DistortionSource
    /// dB above 4^−bits at 3 bits, and from 4 to 6.
    let atThree: Double
    let fromFour: Double
    /// How far below the error of the best packed levels at 4 and 5 bits.
    let belowLevels: Double
    var testDescription: String { source.rawValue }

    static let all = [
      Promise(source: .gaussian, atThree: 1.95, fromFour: 1.85, belowLevels: 3),
      Promise(source: .laplace, atThree: 1.4, fromFour: 1.3, belowLevels: 5),
      Promise(source: .student, atThree: 0.5, fromFour: 0.5, belowLevels: 8),
    ]
  }

  private func rows(_ source: DistortionSource, _ schemes: [String], _ bits: [Double]) throws -> [DistortionTable.Row] {
    let vector = try DistortionTable.Vector(source: source, count: 1 << 20, seed: 5)
    let table = try DistortionTable(
      of: vector, schemes: schemes.compactMap(DistortionScheme.named), bits: bits, seed: 6)
    #expect(table.rows.count == schemes.count * bits.count)
    return table.rows
  }

  @Test("Dithered coordinates are within the promised distance of 4^−bits from 3 to 6 bits", arguments: Promise.all)
  func decibels(_ promise: Promise) throws {
    for row in try rows(promise.source, ["dithered"], [3, 4, 5, 6]) {
      #expect(abs(row.bits - row.nominalBits) < 0.002)
      let limit = row.nominalBits == 3 ? promise.atThree : promise.fromFour
      #expect(row.decibels <= limit, "\(row.nominalBits) bits: \(row.decibels) dB")
      // Nothing is below Shannon's bound.
      #expect(row.normalizedError > (row.shannonBound ?? .infinity))
    }
  }

  @Test("At 4 and 5 bits the best packed levels and EDEN have many times the error of dither", arguments: Promise.all)
  func ratios(_ promise: Promise) throws {
    let rows = try rows(promise.source, ["optimal", "optimal-zero", "eden", "dithered"], [4, 5])
    for bits in [4.0, 5] {
      let here = rows.filter { $0.nominalBits == bits }
      func error(_ scheme: String) throws -> Double {
        try #require(here.first { $0.scheme == scheme }).normalizedError
      }
      let dithered = try error("dithered")
      let levels = try min(error("optimal"), error("optimal-zero"))
      #expect(levels >= promise.belowLevels * dithered, "\(bits) bits: \(levels / dithered)")
      let rotated = try error("eden")
      #expect(rotated >= 1.6 * dithered, "\(bits) bits: \(rotated / dithered)")
      // What they are compared with spends no fewer bits.
      #expect(here.allSatisfy { $0.bits >= bits - 0.002 })
    }
  }

  @Test("Every rate is met, though the codes of layers of many scales make it jump")
  func jumps() throws {
    let values = DistortionSource.gaussian.sample(count: 3 << 11, key: RandomKey(seed: 9)).enumerated().map {
      i, value in
      value * [1, 1e-2, 1e-4][i >> 11]
    }
    let map = try LayerMap(parameters: (0..<3).map { ("linear\($0).weight", 1 << 11) })
    let bits = stride(from: 1.0, through: 8, by: 0.125).map { $0 }
    let table = try DistortionTable(
      of: DistortionTable.Vector(name: "layers", values: values, map: map),
      schemes: [try #require(DistortionScheme.named("dithered"))], bits: bits, seed: 6)
    #expect(table.rows.map(\.nominalBits) == bits)
    for row in table.rows { #expect(abs(row.bits - row.nominalBits) < 0.02, "\(row.bits)") }
    // There are jumps to test.
    #expect(table.rows.contains { abs($0.bits - $0.nominalBits) > 0.002 })
  }

  @Test("Optimal levels are no worse than ALQ's, and uniform ones no better")
  func order() throws {
    let rows = try rows(.laplace, ["alq", "optimal-zero", "qsgd-max"], [4])
    let errors = rows.map(\.normalizedError)
    // The draws of one vector: a thousandth of the error.
    #expect(errors[1] <= 1.003 * errors[0])
    #expect(errors[0] < errors[2])
  }

  @Test(
    "The laws have unit variance, and the entropy powers of their densities", arguments: DistortionSource.continuous)
  func laws(_ source: DistortionSource) throws {
    let count = 1 << 20
    let sample = source.sample(count: count, key: RandomKey(seed: 8))
    // Shares beyond one and two deviations; the deviation of a share is at most 0.0005.
    let expected: [DistortionSource: [Double]] = [
      .gaussian: [0.317311, 0.045500], .laplace: [0.243117, 0.059106], .student: [0.181690, 0.040519],
    ]
    for (bound, share) in zip([Float(1), 2], try #require(expected[source])) {
      let found = Double(sample.count { abs($0) > bound }) / Double(count)
      #expect(abs(found - share) < 0.0025, "\(found)")
    }
    let decibels: [DistortionSource: Double] = [.gaussian: 0, .laplace: -0.628, .student: -1.692]
    let power = 10 * log10(try #require(source.entropyPower))
    #expect(abs(power - (try #require(decibels[source]))) < 0.001)
  }
}
