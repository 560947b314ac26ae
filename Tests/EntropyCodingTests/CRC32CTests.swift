import EntropyCoding
import LaminaNumerics
import Testing

@Suite struct CRC32CTests {
  @Test("Known answers of RFC 3720, appendix B.4, and of the nine digits")
  func knownAnswers() {
    #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CRC32C.checksum([]) == 0)
  }

  @Test("Pieces give the check of the whole, and so do bytes that are not contiguous")
  func pieces() {
    var random = RandomStream(key: RandomKey(seed: 7))
    let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let whole = CRC32C.checksum(bytes)
    for cut in 0...bytes.count {
      var check = CRC32C()
      check.update(bytes[..<cut])
      check.update(bytes[cut...])
      #expect(check.value == whole)
    }
    #expect(CRC32C.checksum(bytes.lazy.map { $0 }) == whole)
  }
}
