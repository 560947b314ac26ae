/// The textbook codewords of Elias's three universal codes, for the positive integers n = symbol + 1 up to 4096.
///
/// P. Elias, Universal codeword sets and representations of the integers, IEEE Trans. Inf. Theory 21, 1975. Codewords
/// are built first bit first, as they are printed; integers inside them have their most significant bit first.
enum EliasCodewords {
  static let count = 4096

  static let gamma = PrefixTable((1...count).map { builder(gammaOf: $0).codeword })
  static let delta = PrefixTable((1...count).map { builder(deltaOf: $0).codeword })
  static let omega = PrefixTable((1...count).map { builder(omegaOf: $0).codeword })

  /// ⌊log₂ n⌋ zeros, then n.
  private static func builder(gammaOf n: Int) -> CodewordBuilder {
    var word = CodewordBuilder()
    word.append(0, count: bitWidth(n) - 1)
    word.append(n, count: bitWidth(n))
    return word
  }

  /// The gamma codeword of the number of bits of n, then n without its leading 1.
  private static func builder(deltaOf n: Int) -> CodewordBuilder {
    var word = builder(gammaOf: bitWidth(n))
    word.append(n - 1 << (bitWidth(n) - 1), count: bitWidth(n) - 1)
    return word
  }

  /// A 0, before it n unless it is 1, before that the number of bits of n less one, and so on.
  private static func builder(omegaOf n: Int) -> CodewordBuilder {
    var groups: [Int] = []
    var value = n
    while value > 1 {
      groups.append(value)
      value = bitWidth(value) - 1
    }
    var word = CodewordBuilder()
    for group in groups.reversed() { word.append(group, count: bitWidth(group)) }
    word.append(0, count: 1)
    return word
  }

  private static func bitWidth(_ n: Int) -> Int { Int.bitWidth - n.leadingZeroBitCount }
}

/// A codeword under construction, its first bit lowest.
struct CodewordBuilder {
  private(set) var bits: UInt32 = 0
  private(set) var length = 0

  var codeword: (bits: UInt32, length: Int) { (bits, length) }

  /// Appends the low `count` bits of `value`, the most significant first.
  mutating func append(_ value: Int, count: Int) {
    for shift in stride(from: count - 1, through: 0, by: -1) {
      bits |= UInt32(value >> shift & 1) << UInt32(length)
      length += 1
    }
  }
}
