/// How the symbols of different layer types share codewords (arXiv 2505.14371, section 3.2).
public enum CodingProtocol: UInt8, Hashable, Sendable, Codable, CaseIterable {
  /// One code per layer type; codewords of different types may coincide, since both sides know the layer map.
  case main = 0
  /// One code over the union of all alphabets, so that a codeword alone tells the layer type. Costs the entropy of
  /// the shares of the types, H(μ) bits per coordinate, more than ``main``.
  case alternating = 1
}
