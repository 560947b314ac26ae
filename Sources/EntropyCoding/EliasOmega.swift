/// Elias's omega code: n, before it its length, before that the length's length, and so on; then a 0.
///
/// Number s is written as the codeword of n = s + 1, first bit first. Its length is 1 plus the sum of ⌊log₂ m⌋ + 1 over
/// m = n, ⌊log₂ n⌋, and so on while m > 1. Needs no table of probabilities; fits symbols whose probabilities fall with
/// their number, as those of levels under the ℓ2 norm do.
///
/// P. Elias, Universal codeword sets and representations of the integers, IEEE Trans. Inf. Theory 21, 1975.
public struct EliasOmega: Code, Hashable {
  /// The code; it has no parameters.
  public init() {}

  /// 4096.
  public var symbolCount: Int { EliasCodewords.count }

  public func encode(_ symbols: Span<UInt8>, base: Int, to bits: inout BitWriter) {
    checkRange(symbols, base: base)
    EliasCodewords.omega.encode(symbols, base: base, to: &bits)
  }

  public func decode(
    into symbols: inout MutableSpan<UInt8>, alphabet: Int, base: Int, from bits: inout BitReader
  ) throws(DecodingError) {
    checkAlphabet(alphabet, base: base)
    try EliasCodewords.omega.decode(into: &symbols, alphabet: alphabet, base: base, from: &bits)
  }

  public func cost(of symbol: Int) -> Double { Double(EliasCodewords.omega.length(of: symbol)) }
}
