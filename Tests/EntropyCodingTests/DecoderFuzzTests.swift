import EntropyCoding
import LaminaNumerics
import Testing

@Suite struct DecoderFuzzTests {
  @Test("200,000 random inputs: every decoder returns symbols of its alphabet or throws, and stays when it throws")
  func randomBytes() {
    var random = RandomStream(key: RandomKey(seed: 8))
    var failures = 0
    for round in 0..<200_000 {
      let specimen = CodeZoo.specimens[round % CodeZoo.specimens.count]
      let bytes = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var reader = BitReader(bytes)
      let start = Int(random.next() % 8)
      if start <= reader.remaining { _ = try? reader.read(start) }
      let before = reader.position
      let count = Int(random.next() % 64)
      switch decode(specimen, count: count, from: &reader) {
      case .success(let symbols):
        if !symbols.allSatisfy({ Int($0) < specimen.alphabet }) || reader.remaining < 0 { failures += 1 }
      case .failure:
        if reader.position != before { failures += 1 }
      }
    }
    #expect(failures == 0)
  }

  @Test("Random inputs: a decoded prefix code encodes to the same bits")
  func injectivity() throws {
    var random = RandomStream(key: RandomKey(seed: 9))
    let specimens = CodeZoo.specimens.filter { !($0.code is RANSCode) }
    var successes = 0
    for round in 0..<20_000 {
      let specimen = specimens[round % specimens.count]
      let bytes = (0..<40).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var reader = BitReader(bytes)
      guard case .success(let symbols) = decode(specimen, count: 12, from: &reader) else { continue }
      successes += 1
      var writer = BitWriter()
      specimen.code.encode(symbols.span, base: specimen.base, to: &writer)
      #expect(writer.bitCount == reader.position)
      var expected = BitReader(bytes)
      var found = BitReader(writer.finish())
      for _ in 0..<reader.position { #expect(try expected.readBit() == found.readBit()) }
    }
    #expect(successes > 1000)
  }

  @Test("Random tables: distributions and code lengths are valid or refused")
  func randomTables() {
    var random = RandomStream(key: RandomKey(seed: 10))
    for _ in 0..<100_000 {
      let bytes = (0..<Int(random.next() % 24)).map { index in
        // A small count, so that some tables are complete.
        index == 0 ? UInt8(random.next() % 8) : index == 1 ? 0 : UInt8(truncatingIfNeeded: random.next())
      }
      var reader = BitReader(bytes)
      if let distribution = try? SymbolDistribution(from: &reader) {
        #expect(distribution.frequencies.reduce(0) { $0 + Int($1) } == distribution.total)
      } else {
        #expect(reader.position == 0)
      }
      var lengths = BitReader(bytes)
      if (try? HuffmanCode(lengthsFrom: &lengths)) == nil { #expect(lengths.position == 0) }
    }
  }
}
