/// An optimal prefix code with codewords of at most 15 bits, in canonical form.
///
/// Codewords are numbered by (length, symbol): the first is all zeros, and each next one is the previous plus 1, with
/// zeros appended where the length grows. So the lengths alone define the code. Codewords are written first bit first,
/// hence the first bit of a codeword is the lowest bit of the stream's next word.
///
/// Expected length: H ≤ E len < H + 1 under the distribution that the code was made for, because no frequency is below
/// 2⁻¹⁴ and so Shannon's lengths ⌈−log₂ p⌉ respect the limit too; a single symbol has length 1 by convention, the one
/// case of E len = H + 1.
///
/// D. A. Huffman, A method for the construction of minimum-redundancy codes, Proc. IRE 40, 1952.
public struct HuffmanCode: Code {
  /// The length of each symbol's codeword in bits, 1…15.
  public let lengths: [UInt8]

  private let table: PrefixTable

  /// The longest codeword that is ever made, in bits.
  public static let maximumLength = 15

  /// The optimal code for `distribution`.
  ///
  /// - Parameter distribution: The frequencies of 1…4096 symbols; each gets a codeword.
  /// - Complexity: O(15 n + n log n) for n symbols, and filling a table of about 2048 entries.
  public init(_ distribution: SymbolDistribution) {
    self.init(trusted: packageMergeLengths(distribution.frequencies, limit: Self.maximumLength))
  }

  /// The canonical code with the given lengths.
  ///
  /// - Parameter lengths: 1…4096 lengths of 1…15 bits that exhaust Kraft's inequality, or a single length 1.
  /// - Throws: ``DecodingError/incompleteCode``.
  public init(lengths: [UInt8]) throws(DecodingError) {
    guard (1...SymbolDistribution.maximumSymbolCount).contains(lengths.count),
      lengths.allSatisfy({ (1...15).contains($0) }),
      lengths == [1] || lengths.reduce(0, { $0 + 1 << (15 - Int($1)) }) == 1 << 15
    else { throw .incompleteCode }
    self.init(trusted: lengths)
  }

  private init(trusted lengths: [UInt8]) {
    self.lengths = lengths
    table = PrefixTable(Self.canonicalCodewords(lengths))
  }

  public var symbolCount: Int { lengths.count }

  public func cost(of symbol: Int) -> Double { Double(lengths[symbol]) }

  public func encode(_ symbols: Span<UInt8>, base: Int, to bits: inout BitWriter) {
    checkRange(symbols, base: base)
    table.encode(symbols, base: base, to: &bits)
  }

  public func decode(
    into symbols: inout MutableSpan<UInt8>, alphabet: Int, base: Int, from bits: inout BitReader
  ) throws(DecodingError) {
    checkAlphabet(alphabet, base: base)
    try table.decode(into: &symbols, alphabet: alphabet, base: base, from: &bits)
  }

  private static func canonicalCodewords(_ lengths: [UInt8]) -> [(bits: UInt32, length: Int)] {
    let order = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    var codewords = [(bits: UInt32, length: Int)](repeating: (0, 0), count: lengths.count)
    var next = 0
    var previous = order.first.map { Int(lengths[$0]) } ?? 0
    for symbol in order {
      let length = Int(lengths[symbol])
      next <<= length - previous
      previous = length
      var word = CodewordBuilder()
      word.append(next, count: length)
      codewords[symbol] = word.codeword
      next += 1
    }
    return codewords
  }
}

extension HuffmanCode: Hashable {
  /// Whether the lengths, and hence the codewords, are equal.
  public static func == (left: HuffmanCode, right: HuffmanCode) -> Bool { left.lengths == right.lengths }

  public func hash(into hasher: inout Hasher) { hasher.combine(lengths) }
}
