/// Elias's delta code: the length of n in gamma, then n without its leading 1.
///
/// Number s is written as the codeword of n = s + 1, ⌊log₂ n⌋ + 2⌊log₂(⌊log₂ n⌋ + 1)⌋ + 1 bits long, first bit first.
/// Needs no table of probabilities; fits symbols whose probabilities fall with their number, as those of levels under
/// the ℓ2 norm do.
///
/// P. Elias, Universal codeword sets and representations of the integers, IEEE Trans. Inf. Theory 21, 1975.
public struct EliasDelta: Code, Hashable {
  /// The code; it has no parameters.
  public init() {}

  /// 4096.
  public var symbolCount: Int { EliasCodewords.count }

  public func encode(_ symbols: Span<UInt8>, base: Int, to bits: inout BitWriter) {
    checkRange(symbols, base: base)
    EliasCodewords.delta.encode(symbols, base: base, to: &bits)
  }

  public func decode(
    into symbols: inout MutableSpan<UInt8>, alphabet: Int, base: Int, from bits: inout BitReader
  ) throws(DecodingError) {
    checkAlphabet(alphabet, base: base)
    try EliasCodewords.delta.decode(into: &symbols, alphabet: alphabet, base: base, from: &bits)
  }

  public func cost(of symbol: Int) -> Double { Double(EliasCodewords.delta.length(of: symbol)) }
}
