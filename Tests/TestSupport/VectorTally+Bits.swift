package import Quantization

extension VectorTally {
  /// The sums, so that NaNs can be compared.
  package var bitPatterns: [UInt64] { [norm, change, error, source].map(\.bitPattern) }
}
