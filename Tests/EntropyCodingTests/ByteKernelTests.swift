import EntropyCoding
import LaminaNumerics
import Testing

@Suite struct ByteKernelTests {
  @Test("Numbers are counted, whatever their number and place", arguments: KernelTier.supported)
  func histogram(_ tier: KernelTier) {
    let numbers = CodeZoo.symbols(5000, alphabet: 32, key: RandomKey(seed: 40))
    for count in [0, 1, 7, 8, 9, 63, 64, 65, 1000, 4990] {
      for start in [0, 3] {
        var expected = [UInt64](repeating: 0, count: 32)
        for number in numbers[start..<start + count] { expected[Int(number)] += 1 }
        let found = numbers[start..<start + count].withUnsafeBufferPointer { ByteKernels.histogram($0, tier: tier) }
        #expect(found == expected, "\(tier), \(count) from \(start)")
      }
    }
  }

  @Test("Checks are those of the tables, around every stripe and at every alignment")
  func checks() {
    var random = RandomStream(key: RandomKey(seed: 41))
    let bytes = (0..<40_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for count in [0, 1, 7, 8, 9, 4095, 4096, 12_287, 12_288, 12_289, 24_576, 30_001, 36_864] {
      for start in [0, 1, 5] {
        let piece = Array(bytes[start..<start + count])
        #expect(CRC32C.checksum(bytes[start..<start + count]) == CRC32C.checksumByTables(piece), "\(count) bytes")
      }
    }
  }
}
