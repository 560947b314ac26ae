import EntropyCoding
import Quantization

extension InputBytes {
  /// A distribution over `count` numbers of steep, even or any weights.
  mutating func distribution(_ count: Int) -> SymbolDistribution {
    switch choice(4) {
    case 0: return SymbolDistribution(counts: [UInt64](repeating: 1, count: count))
    case 1: return SymbolDistribution(probabilities: (0..<count).map { 1 / Double(1 << min($0, 60)) })
    case 2:
      let place = number() % count
      return SymbolDistribution(probabilities: (0..<count).map { $0 == place ? 1 : 0 })
    default:
      let weights = slice(min(count, 64))
      return SymbolDistribution(
        counts: (0..<count).map { weights.isEmpty ? 1 : UInt64(weights[$0 % weights.count]) * 16 })
    }
  }
}

/// Every code gives symbols of its alphabet or an error, and does not move when it fails.
enum CodeLaw {
  static func check(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let numbers = 1 + bytes.number() % 1500
    let base = bytes.choice(4) == 0 ? bytes.number() % numbers : 0
    let alphabet = min(1 + bytes.choice(256), numbers - base)
    let code: any Code =
      switch bytes.choice(6) {
      case 0: FixedWidth(symbolCount: numbers)
      case 1: EliasGamma()
      case 2: EliasDelta()
      case 3: EliasOmega()
      case 4: HuffmanCode(bytes.distribution(numbers))
      default: RANSCode(bytes.distribution(numbers))
      }
    let start = bytes.choice(8)
    var symbols = [UInt8](repeating: 0, count: bytes.choice(4) == 0 ? bytes.number() : Int(bytes.byte()))
    let encoded = bytes.remainder()
    var reader = BitReader(encoded)
    if start <= reader.remaining { _ = try? reader.read(start) }
    let before = reader.position
    do {
      var span = symbols.mutableSpan
      try code.decode(into: &span, alphabet: alphabet, base: base, from: &reader)
    } catch {
      return try hold(reader.position == before, "The cursor moved, although \(error)")
    }
    try hold(symbols.allSatisfy { Int($0) < alphabet }, "A symbol is not of the alphabet")
    var writer = BitWriter()
    // The same place within a byte, as codes of whole bytes pad.
    writer.write(0, count: before % 8)
    code.encode(symbols.span, base: base, to: &writer)
    if code is RANSCode {
      return try decode(writer.finish(), symbols, code, alphabet: alphabet, base: base, before % 8)
    }
    try hold(writer.bitCount - before % 8 == reader.position - before, "The symbols take other numbers of bits")
    try compare(writer.finish(), from: before % 8, with: encoded, from: before, count: reader.position - before)
  }

  private static func decode(
    _ bytes: [UInt8], _ symbols: [UInt8], _ code: any Code, alphabet: Int, base: Int, _ start: Int
  ) throws(BrokenLaw) {
    var reader = BitReader(bytes)
    _ = try? reader.read(start)
    var again = symbols.map { _ in UInt8(0) }
    do {
      var span = again.mutableSpan
      try code.decode(into: &span, alphabet: alphabet, base: base, from: &reader)
    } catch {
      throw BrokenLaw(description: "What was encoded is refused: \(error)")
    }
    try hold(again == symbols, "Other symbols were decoded than encoded")
  }

  private static func compare(
    _ left: [UInt8], from leftStart: Int, with right: [UInt8], from rightStart: Int, count: Int
  ) throws(BrokenLaw) {
    for i in 0..<count {
      let (l, r) = (leftStart + i, rightStart + i)
      try hold(
        (left[l / 8] >> UInt8(l % 8) ^ right[r / 8] >> UInt8(r % 8)) & 1 == 0, "Bit \(i) of \(count) is another")
    }
  }
}

/// Tables of codes are valid or refused, and make codes.
enum TableLaw {
  static func check(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let encoded = bytes.remainder()
    var reader = BitReader(encoded)
    if let distribution = try? SymbolDistribution(from: &reader) {
      try hold(
        distribution.frequencies.reduce(0) { $0 + Int($1) } == distribution.total, "Frequencies have another sum")
      var writer = BitWriter()
      distribution.write(to: &writer)
      try hold(writer.bitCount == reader.position, "The table takes other numbers of bits")
      let symbols = (0..<256).map { UInt8($0 % min(distribution.symbolCount, 256)) }
      try roundTrip(symbols, RANSCode(distribution))
      try roundTrip(symbols, HuffmanCode(distribution))
    } else {
      try hold(reader.position == 0, "The cursor moved over a table that was refused")
    }
    var lengths = BitReader(encoded)
    if let code = try? HuffmanCode(lengthsFrom: &lengths) {
      // A number of no length has no codeword.
      let symbols = (0..<256).map { UInt8($0 % min(code.symbolCount, 256)) }
      try roundTrip(symbols.filter { code.lengths[Int($0)] > 0 }, code)
    } else {
      try hold(lengths.position == 0, "The cursor moved over lengths that were refused")
    }
  }

  private static func roundTrip(_ symbols: [UInt8], _ code: any Code) throws(BrokenLaw) {
    var writer = BitWriter()
    code.encode(symbols, to: &writer)
    var reader = BitReader(writer.finish())
    var again = symbols.map { _ in UInt8(0) }
    do {
      var span = again.mutableSpan
      try code.decode(into: &span, alphabet: 256, base: 0, from: &reader)
      try reader.finish()
    } catch {
      throw BrokenLaw(description: "What was encoded is refused: \(error)")
    }
    try hold(again == symbols, "Other symbols were decoded than encoded")
  }
}
