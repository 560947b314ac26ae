import Collectives

/// What quantization took from the vectors of one rank: added to the next vector before that is quantized, so that no part
/// of a gradient is lost for good (Seide et al., Interspeech 2014; Karimireddy et al., arXiv 1901.09847).
///
/// With an unbiased quantizer it is not needed for convergence; it trades independence of the errors of steps for sums of
/// steps that are closer to those of full precision.
package final class ErrorFeedback: @unchecked Sendable {
  // Unchecked: ranges that do not overlap may be compensated by several threads; everything else has the residual alone.
  private let residual: UnsafeMutableBufferPointer<Float>

  /// No residual.
  package init(dimension: Int) {
    residual = .allocate(capacity: dimension)
    residual.initialize(repeating: 0)
  }

  deinit { residual.deallocate() }

  /// The residual.
  package var values: [Float] {
    get { Array(residual) }
    set {
      precondition(newValue.count == residual.count, "The residual has \(residual.count) coordinates")
      _ = residual.update(fromContentsOf: newValue)
    }
  }

  /// Adds the residual to a part of a vector, which it then keeps until ``learn(from:)``.
  package func compensate(_ range: Range<Int>, of vector: UnsafeMutableBufferPointer<Float>) {
    for i in range {
      vector[i] += residual[i]
      residual[i] = vector[i]
    }
  }

  /// Takes the error of sending the compensated vector as the residual.
  ///
  /// A coordinate that is not finite travelled exactly and leaves none: it would spoil all vectors to come.
  ///
  /// - Parameter exchange: The exchange that sent it.
  /// - Throws: ``ExchangeError/dimension(expected:found:)``.
  package func learn(from exchange: QuantizedExchange<some Collective>) throws(ExchangeError) {
    try exchange.subtractOwn(from: residual)
    for i in residual.indices where !residual[i].isFinite { residual[i] = 0 }
  }
}
