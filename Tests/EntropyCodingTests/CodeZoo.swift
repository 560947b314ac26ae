import EntropyCoding
import LaminaNumerics

/// A code with the alphabet and base under which it is checked.
struct CodeSpecimen: Sendable, CustomStringConvertible {
  let description: String
  let code: any Code
  let alphabet: Int
  let base: Int
  /// Bounds on the bits written for `count` symbols that cost `cost` bits.
  let lengthBounds: @Sendable (_ count: Int, _ cost: Double) -> ClosedRange<Double>

  init(prefix description: String, _ code: any Code, alphabet: Int, base: Int = 0) {
    self.description = "\(description), alphabet \(alphabet), base \(base)"
    self.code = code
    self.alphabet = alphabet
    self.base = base
    lengthBounds = { _, cost in cost...cost }
  }

  /// rANS: padding of up to 7 bits, 16 to 32 bits per lane and block, and what division may cost or save per symbol.
  init(rans code: RANSCode, alphabet: Int, base: Int = 0) {
    description = "rANS, alphabet \(alphabet), base \(base)"
    self.code = code
    self.alphabet = alphabet
    self.base = base
    lengthBounds = { count, cost in
      let blocks = stride(from: 0, to: count, by: 1 << 19).map { min(1 << 19, count - $0) }
      let lanes = Double(blocks.reduce(0) { $0 + RANSCode.laneCount(symbolCount: $1) })
      let slack = (code.distribution.totalBits == 12 ? 0.005 : 0.02) * Double(count)
      return cost + 16 * lanes - slack...cost + 32 * lanes + slack + 7
    }
  }
}

/// Every code, over alphabets of every kind.
enum CodeZoo {
  static let specimens: [CodeSpecimen] =
    [1, 2, 3, 5, 16, 100, 128, 256].flatMap { alphabet in
      [
        CodeSpecimen(prefix: "fixed width", FixedWidth(symbolCount: alphabet), alphabet: alphabet),
        CodeSpecimen(prefix: "gamma", EliasGamma(), alphabet: alphabet),
        CodeSpecimen(prefix: "delta", EliasDelta(), alphabet: alphabet),
        CodeSpecimen(prefix: "omega", EliasOmega(), alphabet: alphabet),
        CodeSpecimen(prefix: "Huffman", HuffmanCode(bell(alphabet)), alphabet: alphabet),
        CodeSpecimen(prefix: "steep Huffman", HuffmanCode(steep(alphabet)), alphabet: alphabet),
        CodeSpecimen(rans: RANSCode(bell(alphabet)), alphabet: alphabet),
        CodeSpecimen(rans: RANSCode(steep(alphabet)), alphabet: alphabet),
      ]
    } + unions

  /// Alphabets that begin within a larger one, as in the Alternating protocol.
  private static let unions: [CodeSpecimen] = [
    CodeSpecimen(prefix: "fixed width 4", FixedWidth(width: 4), alphabet: 5, base: 11),
    CodeSpecimen(prefix: "fixed width 7", FixedWidth(width: 7), alphabet: 100, base: 20),
    CodeSpecimen(prefix: "fixed width 9", FixedWidth(width: 9), alphabet: 256, base: 256),
    CodeSpecimen(prefix: "fixed width 16", FixedWidth(width: 16), alphabet: 16, base: 65520),
    CodeSpecimen(prefix: "gamma", EliasGamma(), alphabet: 256, base: 3840),
    CodeSpecimen(prefix: "delta", EliasDelta(), alphabet: 17, base: 1000),
    CodeSpecimen(prefix: "omega", EliasOmega(), alphabet: 17, base: 255),
    CodeSpecimen(prefix: "Huffman of 48", HuffmanCode(bell(48)), alphabet: 16, base: 16),
    CodeSpecimen(prefix: "Huffman of 4096", HuffmanCode(steep(4096)), alphabet: 256, base: 3000),
    CodeSpecimen(rans: RANSCode(bell(48)), alphabet: 16, base: 32),
    CodeSpecimen(rans: RANSCode(bell(4096)), alphabet: 256, base: 1500),
  ]

  /// Probabilities that fall like 1/(1 + x²) on both sides of the middle.
  static func bell(_ count: Int) -> SymbolDistribution {
    SymbolDistribution(
      probabilities: (0..<count).map { index in
        let distance = Double(index - count / 2) * 8 / Double(count)
        return 1 / (1 + distance * distance)
      })
  }

  /// Probabilities that halve from symbol to symbol, down to the smallest frequency.
  static func steep(_ count: Int) -> SymbolDistribution {
    var probability = 1.0
    return SymbolDistribution(
      probabilities: (0..<count).map { _ in
        probability /= 2
        return probability
      })
  }

  /// Symbols of which small ones are more likely, all possible.
  static func symbols(_ count: Int, alphabet: Int, key: RandomKey) -> [UInt8] {
    var random = RandomStream(key: key)
    return (0..<count).map { _ in
      let unit = random.nextUnit()
      return UInt8(Double(alphabet) * (random.next() & 1 == 0 ? unit : unit * unit * unit))
    }
  }
}
