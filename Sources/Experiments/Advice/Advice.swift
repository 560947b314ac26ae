public import Collectives
import GradientExchange

/// Which scheme to use, and what the others would take.
package struct Advice: Sendable {
  /// A scheme with its prediction.
  package struct Row: Sendable {
    package let scheme: ExchangeScheme
    package let prediction: StepModel.Prediction
    /// The step of full precision over this one.
    package let speedUp: Double
  }

  /// All schemes, in the order of the table.
  package let rows: [Row]
  /// The scheme to use.
  package let best: Row

  /// Below this gain over full precision, compression is not worth its error.
  package static let leastGain = 1.05

  /// The schemes that are compared: full and half precision, then both reductions of each codec.
  ///
  /// - Parameters:
  ///   - levelBits: Widths of fields of levels.
  ///   - ditheredBits: Bits of dithered coordinates.
  /// - Returns: The schemes, full precision first.
  package static func schemes(levelBits: [Int], ditheredBits: [Int]) -> [ExchangeScheme] {
    [.allReduce(bits: 32), .allReduce(bits: 16)]
      + levelBits.flatMap { bits in Reduction.allCases.map { .levels(bits: bits, $0) } }
      + ditheredBits.flatMap { bits in Reduction.allCases.map { .dithered(bits: bits, $0) } }
  }

  /// Predicts all schemes, full precision among them, and picks one.
  package init(_ model: StepModel, schemes: [ExchangeScheme]) {
    let predictions = schemes.compactMap { scheme in model.prediction(for: scheme).map { (scheme, $0) } }
    let full = model.prediction(for: .allReduce(bits: 32))?.step ?? model.compute
    rows = predictions.map { Row(scheme: $0, prediction: $1, speedUp: full / $1.step) }
    let fullRow = rows.first { $0.scheme == .allReduce(bits: 32) }
    let fastest = rows.min { $0.prediction.step < $1.prediction.step }
    guard let fullRow, let fastest else { preconditionFailure("Full precision is among the schemes") }
    best = fastest.speedUp >= Self.leastGain ? fastest : fullRow
  }
}

/// The advice over a range of workers and links.
package struct AdviceGrid: Sendable {
  /// Numbers of workers.
  package static let workers = [2, 4, 8, 12, 16, 32, 64, 128, 256, 512, 1024]
  /// Links in bits per second.
  package static let speeds = [0.1e9, 0.5e9, 1e9, 2.5e9, 5e9, 10e9, 25e9, 100e9]

  /// The advice by number of workers, then by link.
  package let cells: [[Advice]]

  /// Predicts every cell.
  ///
  /// - Parameters:
  ///   - model: The model, whose workers and bandwidth are replaced.
  ///   - schemes: What to compare.
  package init(_ model: StepModel, schemes: [ExchangeScheme]) {
    cells = Self.workers.map { workers in
      Self.speeds.map { speed in
        var model = model
        model.workers = workers
        model.link = LinkModel(latency: model.link.latency, bandwidth: speed / 8 * StepModel.payloadShare)
        return Advice(model, schemes: schemes)
      }
    }
  }
}
