import EntropyCoding
import LaminaNumerics
import Testing

/// Checks the laws of ``Code``: round trip at any offset, true cost, truncation at every byte, wrong alphabets.
func checkCode(_ specimen: CodeSpecimen, counts: [Int]) throws {
  for count in counts {
    let key = RandomKey(seed: 11).folding(UInt64(count)).folding(UInt64(specimen.alphabet))
    let symbols = CodeZoo.symbols(count, alphabet: specimen.alphabet, key: key)
    try checkRoundTrip(specimen, symbols)
    checkLength(specimen, symbols)
    if count > 0 && count <= 1025 { checkTruncation(specimen, symbols) }
    if count > 0 { checkAlphabets(specimen, symbols) }
  }
}

private func checkRoundTrip(_ specimen: CodeSpecimen, _ symbols: [UInt8]) throws {
  for offset in [0, 3] {
    var writer = BitWriter()
    writer.write(0b101 & (1 << UInt64(offset) - 1), count: offset)
    specimen.code.encode(symbols.span, base: specimen.base, to: &writer)
    let end = writer.bitCount
    writer.write(0b1101, count: 4)
    var reader = BitReader(writer.finish())
    _ = try reader.read(offset)
    let decoded = try decode(specimen, count: symbols.count, from: &reader).get()
    #expect(decoded == symbols, "\(specimen), \(symbols.count) symbols at bit \(offset)")
    #expect(reader.position == end, "\(specimen) ends where it ended")
    #expect(try reader.read(4) == 0b1101)
  }
}

private func checkLength(_ specimen: CodeSpecimen, _ symbols: [UInt8]) {
  var writer = BitWriter()
  specimen.code.encode(symbols.span, base: specimen.base, to: &writer)
  let cost = symbols.reduce(0.0) { $0 + specimen.code.cost(of: specimen.base + Int($1)) }
  let bounds = specimen.lengthBounds(symbols.count, cost)
  #expect(bounds.contains(Double(writer.bitCount)), "\(specimen), \(symbols.count) symbols: \(writer.bitCount) bits")
}

private func checkTruncation(_ specimen: CodeSpecimen, _ symbols: [UInt8]) {
  var writer = BitWriter()
  specimen.code.encode(symbols.span, base: specimen.base, to: &writer)
  let bytes = writer.finish()
  for length in 0..<bytes.count {
    var reader = BitReader(bytes[..<length])
    #expect(
      decode(specimen, count: symbols.count, from: &reader) == .failure(.truncated),
      "\(specimen), \(length) of \(bytes.count) bytes")
    #expect(reader.position == 0)
  }
}

/// A symbol at or above the alphabet, or below the base, is refused.
private func checkAlphabets(_ specimen: CodeSpecimen, _ symbols: [UInt8]) {
  var writer = BitWriter()
  specimen.code.encode(symbols.span, base: specimen.base, to: &writer)
  let bytes = writer.finish()
  var output = [UInt8](repeating: 0, count: symbols.count)
  var wrong: [(alphabet: Int, base: Int)] = [(256, specimen.base + 256), (256, 1 << 40)]
  if let largest = symbols.max(), largest > 0 { wrong.append((Int(largest), specimen.base)) }
  if symbols.contains(0) { wrong.append((specimen.alphabet, specimen.base + 1)) }
  for (alphabet, base) in wrong {
    var reader = BitReader(bytes)
    var span = output.mutableSpan
    #expect(throws: EntropyCoding.DecodingError.symbolOutOfRange, "\(specimen) as \(alphabet) from \(base)") {
      try specimen.code.decode(into: &span, alphabet: alphabet, base: base, from: &reader)
    }
    #expect(reader.position == 0)
  }
}

/// What a specimen's code makes of the next bits.
func decode(
  _ specimen: CodeSpecimen, count: Int, from reader: inout BitReader
) -> Result<[UInt8], EntropyCoding.DecodingError> {
  var output = [UInt8](repeating: 0, count: count)
  var span = output.mutableSpan
  do {
    try specimen.code.decode(into: &span, alphabet: specimen.alphabet, base: specimen.base, from: &reader)
    return .success(output)
  } catch {
    return .failure(error)
  }
}
