import Foundation
import LaminaNumerics
import Quantization

/// The rate-distortion table of one vector.
package struct DistortionTable: Encodable, Sendable {
  /// A scheme at one number of bits.
  package struct Row: Encodable, Sendable {
    /// The name of the scheme.
    package let scheme: String
    /// The width of a field, or the rate asked for.
    package let nominalBits: Double
    /// All bits over all coordinates.
    package let bits: Double
    /// ‖Q(v) − v‖²/‖v‖².
    package let normalizedError: Double
    /// The same of the layer where it is largest, nil for a vector of one layer.
    package let worstLayerError: Double?
    /// 10·log₁₀(error·4^bits): how far above 4^−bits, the bound of Gaussian coordinates.
    package let decibels: Double
    /// Shannon's lower bound of the error at these bits, nil for a vector of unknown law.
    package let shannonBound: Double?
  }

  /// A vector with its law, where it is known.
  package struct Vector: Sendable {
    package let name: String
    package let values: [Float]
    package let map: LayerMap
    package let source: DistortionSource?

    /// A vector of a file.
    ///
    /// - Parameters:
    ///   - name: What it is called in tables.
    ///   - values: Finite coordinates, not all 0.
    ///   - map: Their layers.
    package init(name: String, values: [Float], map: LayerMap) {
      (self.name, self.values, self.map, source) = (name, values, map, nil)
    }

    /// Independent coordinates.
    ///
    /// - Parameters:
    ///   - source: Their law.
    ///   - count: How many, at least 1.
    ///   - seed: The seed of the draw.
    /// - Throws: Never with a positive count.
    package init(source: DistortionSource, count: Int, seed: UInt64) throws {
      name = source.rawValue
      // Every law draws from a stream of its own.
      let ordinal = DistortionSource.allCases.firstIndex(of: source) ?? 0
      values = source.sample(count: count, key: RandomKey(seed: seed).folding(UInt64(ordinal)))
      map = try LayerMap([Layer(name: "values", type: LayerType(rawValue: "values"), range: 0..<count)])
      self.source = source
    }
  }

  /// What the vector is.
  package let vector: String
  /// Its coordinates.
  package let coordinates: Int
  /// The mean of their squares.
  package let meanSquare: Double
  /// Schemes in order, each with its bits in order.
  package private(set) var rows: [Row] = []

  /// Measures schemes on a vector.
  ///
  /// - Parameters:
  ///   - vector: The vector.
  ///   - schemes: What to measure.
  ///   - bits: Numbers from 0.01 to 16; fields have the whole ones up to 8.
  ///   - seed: The seed of the draws.
  ///   - report: Is told the name of each scheme before it is measured.
  /// - Throws: An error of the plan, the levels or the exchange.
  package init(
    of vector: Vector, schemes: [DistortionScheme], bits: [Double], seed: UInt64, report: (String) -> Void = { _ in }
  ) throws {
    self.vector = vector.name
    coordinates = vector.values.count
    let norm = vector.values.reduce(0) { $0 + Double($1) * Double($1) }
    meanSquare = norm / Double(vector.values.count)
    let measurement = DistortionMeasurement(values: vector.values, map: vector.map, seed: seed)
    for scheme in schemes {
      report(scheme.name)
      for nominal in bits {
        guard let outcome = try measurement.outcome(of: scheme, bits: nominal) else { continue }
        rows.append(row(scheme, nominal, outcome, of: vector))
      }
    }
  }

  private func row(
    _ scheme: DistortionScheme, _ nominal: Double, _ outcome: DistortionMeasurement.Outcome, of vector: Vector
  ) -> Row {
    Row(
      scheme: scheme.name, nominalBits: nominal, bits: outcome.bits, normalizedError: outcome.error,
      worstLayerError: vector.map.layers.count > 1 ? outcome.worstLayerError : nil,
      decibels: 10 * log10(outcome.error) + 20 * log10(2) * outcome.bits,
      // The error is relative to this draw, the bound to the variance of the law.
      shannonBound: vector.source?.shannonBound(bits: outcome.bits).map { $0 / meanSquare })
  }

  /// The table as text, a line for each row.
  package func text() -> String {
    var lines = ["\(vector): \(FigureFormat.count(coordinates)) coordinates"]
    let width = rows.map(\.scheme.count).max() ?? 0
    let hasBound = rows.contains { $0.shannonBound != nil }
    let hasLayers = rows.contains { $0.worstLayerError != nil }
    func line(_ name: String, _ cells: [String]) -> String {
      ([name.padding(toLength: max(width, 9), withPad: " ", startingAt: 0)] + cells.map(Self.cell)).joined()
    }
    lines.append(
      line(
        "quantizer",
        ["setting", "bits", "error", "dB"] + (hasBound ? ["Shannon"] : []) + (hasLayers ? ["worst layer"] : [])))
    for row in rows {
      let bound = hasBound ? [row.shannonBound.map(Self.scientific) ?? "-"] : []
      let worst = hasLayers ? [row.worstLayerError.map(Self.scientific) ?? "-"] : []
      lines.append(
        line(
          row.scheme,
          [
            String(format: "%g", row.nominalBits), String(format: "%.3f", row.bits),
            Self.scientific(row.normalizedError),
            String(format: "%.2f", row.decibels),
          ] + bound + worst))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func cell(_ text: String) -> String {
    String(repeating: " ", count: max(1, 12 - text.count)) + text
  }

  private static func scientific(_ value: Double) -> String { FigureFormat.plain(value, 4) }
}
