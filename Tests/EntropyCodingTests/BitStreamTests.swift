import EntropyCoding
import LaminaNumerics
import Testing

@Suite struct BitStreamTests {
  @Test("Bit k of the stream is bit k mod 8 of byte k / 8, numbers lowest bit first")
  func bitOrder() {
    var writer = BitWriter()
    writer.write(0b011, count: 3)
    writer.write(bit: true)
    writer.write(0x1F5, count: 9)
    #expect(writer.bitCount == 13)
    #expect(writer.finish() == [0b0101_1011, 0b0001_1111])
  }

  @Test("What was written is read, for widths 0 to 64 at every offset")
  func roundTrip() throws {
    var random = RandomStream(key: RandomKey(seed: 1))
    var numbers: [(value: UInt64, count: Int)] = []
    for _ in 0..<4 {
      for count in 0...64 {
        numbers.append((count == 0 ? 0 : random.next() >> UInt64(64 - count), count))
        numbers.append((random.next() & 1, 1))
      }
    }
    var writer = BitWriter(byteCapacity: 8)
    for number in numbers { writer.write(number.value, count: number.count) }
    let bytes = writer.finish()
    var reader = BitReader([0, 0] + bytes + [9])
    _ = try reader.readBytes(2)
    for number in numbers { #expect(try reader.read(number.count) == number.value) }
  }

  @Test("A read that throws does not move the cursor")
  func failedReads() throws {
    var reader = BitReader([0xFF, 0x01])
    _ = try reader.read(9)
    #expect(throws: EntropyCoding.DecodingError.truncated) { try reader.read(8) }
    #expect(reader.position == 9)
    try reader.alignToByte()
    #expect(reader.remaining == 0)
    #expect(throws: EntropyCoding.DecodingError.truncated) { try reader.readBit() }
    #expect(throws: EntropyCoding.DecodingError.truncated) { try reader.readBytes(1) }
    #expect(throws: EntropyCoding.DecodingError.truncated) { try reader.readBytes(.max) }
    #expect(try reader.readBytes(0).isEmpty)
    #expect(try reader.read(0) == 0)
  }

  @Test("Padding must be zero, and nothing may follow it")
  func padding() throws {
    var dirty = BitReader([0b0001_0001])
    _ = try dirty.read(4)
    #expect(throws: EntropyCoding.DecodingError.nonzeroPadding) { try dirty.alignToByte() }
    #expect(throws: EntropyCoding.DecodingError.nonzeroPadding) { try dirty.finish() }
    #expect(dirty.position == 4)
    var long = BitReader([1, 0])
    _ = try long.read(4)
    #expect(throws: EntropyCoding.DecodingError.trailingBits(count: 12)) { try long.finish() }
    var clean = BitReader([0b0000_1111])
    _ = try clean.read(4)
    try clean.finish()
    #expect(clean.remaining == 0)
  }

  @Test("A reader of a slice starts at the slice")
  func slices() throws {
    let bytes: [UInt8] = [1, 2, 3, 4, 5]
    var reader = BitReader(bytes[2..<4])
    #expect(try reader.read(8) == 3)
    #expect(try reader.readBytes(1) == [4])
    #expect(reader.remaining == 0)
  }

  @Test("A cleared writer starts again")
  func clearing() {
    var writer = BitWriter()
    writer.write(0x3FF, count: 10)
    writer.removeAll()
    #expect(writer.bitCount == 0)
    writer.write(1, count: 2)
    writer.alignToByte()
    writer.write(bytes: [7, 8])
    #expect(writer.finish() == [1, 7, 8])
  }

  @Test("Every error has a sentence")
  func sentences() {
    let errors: [EntropyCoding.DecodingError] = [
      .truncated, .invalidCodeword, .symbolOutOfRange, .inconsistentState, .nonzeroPadding, .trailingBits(count: 12),
      .invalidDistribution, .incompleteCode,
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { $0.description.hasSuffix(".") })
  }
}
