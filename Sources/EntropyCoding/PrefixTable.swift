/// The codewords of a prefix code and the tables that read them back.
///
/// Shared by the Huffman and the Elias codes. A codeword is stored as the integer whose lowest bit is the codeword's
/// first bit, so that the low bits of the next word of the stream are an index into ``entries``.
///
/// The first 2^``rootBits`` entries are the root, indexed by the next `rootBits` bits. An entry resolves one symbol, or
/// two when two whole codewords fit, or links to a subtable that is indexed by the bits after the root's. An entry is
///
///     bits 0…5    the bits to consume, or the index width of the linked subtable
///     bits 6…7    the number of symbols, 1 or 2; 0 in a link
///     bits 8…19   the first symbol       } or, in a link,
///     bits 20…31  the second symbol      } the offset of the subtable
///
/// with the first symbol repeated where there is only one, and 0 where no codeword begins. A subtable entry counts its
/// bits from the beginning of the codeword.
struct PrefixTable: Sendable {
  /// The bits that one look-up resolves: five look-ups fit into one 57-bit word, and 8 KiB into the first-level cache.
  static let rootBits = 11

  /// The longest codeword that the tables serve, one symbol of at most 12 bits included.
  static let maximumLength = 28

  /// For each symbol, the codeword in bits 0…31 and its length in bits 32…63.
  let codewords: [UInt64]
  let entries: [UInt32]
  let longest: Int

  /// Makes the tables of the prefix code in which symbol s has `codewords[s]`.
  ///
  /// - Precondition: No codeword is a prefix of another, and there are at most 4096.
  init(_ codewords: [(bits: UInt32, length: Int)]) {
    precondition((1...4096).contains(codewords.count), "A prefix table has 1 to 4096 symbols")
    self.codewords = codewords.map { UInt64($0.bits) | UInt64($0.length) << 32 }
    longest = codewords.reduce(0) { max($0, $1.length) }
    precondition(longest <= Self.maximumLength, "The codewords are too long")
    var table = Self.singles(codewords)
    Self.pairUp(&table)
    entries = table
  }

  var symbolCount: Int { codewords.count }

  func length(of symbol: Int) -> Int { Int(codewords[symbol] >> 32) }

  /// The root with one symbol per entry, and the subtables.
  private static func singles(_ codewords: [(bits: UInt32, length: Int)]) -> [UInt32] {
    let rootSize = 1 << rootBits
    var table = [UInt32](repeating: 0, count: rootSize)
    var widths = [Int](repeating: 0, count: rootSize)
    for word in codewords where word.length > rootBits {
      let prefix = Int(word.bits) & (rootSize - 1)
      widths[prefix] = max(widths[prefix], word.length - rootBits)
    }
    for prefix in 0..<rootSize where widths[prefix] > 0 {
      table[prefix] = UInt32(widths[prefix]) | UInt32(table.count) << 8
      table.append(contentsOf: repeatElement(0, count: 1 << widths[prefix]))
    }
    for (symbol, word) in codewords.enumerated() {
      let entry = UInt32(word.length) | 1 << 6 | UInt32(symbol) << 8 | UInt32(symbol) << 20
      if word.length <= rootBits {
        for index in stride(from: Int(word.bits), to: rootSize, by: 1 << word.length) { table[index] = entry }
      } else {
        let prefix = Int(word.bits) & (rootSize - 1)
        let offset = Int(table[prefix] >> 8)
        let first = Int(word.bits) >> rootBits
        for index in stride(from: first, to: 1 << widths[prefix], by: 1 << (word.length - rootBits)) {
          table[offset + index] = entry
        }
      }
    }
    return table
  }

  /// Lets root entries resolve a second symbol where its codeword lies within the root's bits too.
  private static func pairUp(_ table: inout [UInt32]) {
    let singles = table
    for index in 0..<(1 << rootBits) {
      let first = singles[index]
      guard first >> 6 & 3 == 1 else { continue }
      let length = Int(first & 63)
      let second = singles[index >> length]
      guard second >> 6 & 3 == 1, length + Int(second & 63) <= rootBits else { continue }
      table[index] = UInt32(length) + (second & 63) | 2 << 6 | first & 0xF_FF00 | second & 0xFFF0_0000
    }
  }
}
