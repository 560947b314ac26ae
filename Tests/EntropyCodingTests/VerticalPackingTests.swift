import EntropyCoding
import LaminaNumerics
import Testing

/// The layout of packed fields against its definition, bit by bit.
@Suite struct VerticalPackingTests {
  private static let layouts =
    (1...8).map { VerticalPacking(width: $0, hasSign: false) }
    + (2...8).map { VerticalPacking(width: $0, hasSign: true) }
  private static let sizes = [0, 1, 2, 7, 31, 32, 33, 511, 512, 513, 1023, 1024, 1025, 2048 + 17]

  @Test("Bit k of symbol s lies where the format puts it", arguments: layouts)
  func layout(_ packing: VerticalPacking) {
    for count in Self.sizes {
      let symbols = symbols(count: count, packing)
      #expect(packed(symbols, packing) == bitByBit(symbols, packing), "\(count) symbols")
    }
  }

  @Test("Unpacking returns the symbols and the largest index", arguments: layouts)
  func roundTrip(_ packing: VerticalPacking) {
    for count in Self.sizes {
      let symbols = symbols(count: count, packing)
      let bytes = packed(symbols, packing)
      #expect(packing.hasZeroPadding(bytes[...], count: count))
      let (result, largest) = unpacked(bytes, count: count, packing)
      #expect(result == symbols, "\(count) symbols")
      #expect(largest == symbols.map { packing.hasSign ? $0 & 0x7F : $0 }.max() ?? 0)
    }
  }

  @Test("Every tier packs and unpacks alike, at any alignment", arguments: KernelTier.supported)
  func everyTier(_ tier: KernelTier) {
    for packing in Self.layouts {
      for count in Self.sizes {
        let symbols = symbols(count: count, packing)
        let size = packing.byteCount(of: count)
        var bytes = [UInt8](repeating: 0, count: size + 1)
        var found = [UInt8](repeating: 0, count: count + 1)
        let largest = symbols.withUnsafeBufferPointer { source in
          bytes.withUnsafeMutableBytes { bytes in
            let target = UnsafeMutableRawBufferPointer(rebasing: bytes[1...])
            packing.pack(source, into: target, tier: tier)
            return found.withUnsafeMutableBufferPointer {
              packing.unpack(
                UnsafeRawBufferPointer(target), into: UnsafeMutableBufferPointer(rebasing: $0[1...]), tier: tier)
            }
          }
        }
        #expect(Array(bytes[1...]) == bitByBit(symbols, packing), "\(count) symbols")
        #expect(Array(found[1...]) == symbols && largest == symbols.map { packing.hasSign ? $0 & 0x7F : $0 }.max() ?? 0)
      }
    }
  }

  @Test("A zero with a sign is reported as index 255, wherever it stands", arguments: layouts.filter(\.hasSign))
  func negativeZero(_ packing: VerticalPacking) {
    for place in [0, 100, 511, 512, 519] {
      var symbols = [UInt8](repeating: 1, count: 520)
      symbols[place] = 0x80
      #expect(unpacked(bitByBit(symbols, packing), count: 520, packing).largest == 255)
    }
  }

  @Test("Every nonzero bit behind the last field is seen")
  func padding() {
    for packing in Self.layouts {
      for count in 1...9 {
        let bytes = packed([UInt8](repeating: 0, count: count), packing)
        for bit in 0..<8 * bytes.count {
          var changed = bytes
          changed[bit / 8] |= 1 << UInt8(bit % 8)
          #expect(packing.hasZeroPadding(changed[...], count: count) == (bit < packing.width * count))
        }
      }
    }
  }

  private func symbols(count: Int, _ packing: VerticalPacking) -> [UInt8] {
    var stream = RandomStream(key: RandomKey(seed: UInt64(count)))
    let indexBits = packing.hasSign ? packing.width - 1 : packing.width
    return (0..<count).map { _ in
      let index = UInt8(truncatingIfNeeded: stream.next() & (1 << UInt64(indexBits) - 1))
      return index | (packing.hasSign && index > 0 && stream.next() & 1 == 1 ? 0x80 : 0)
    }
  }

  private func bitByBit(_ symbols: [UInt8], _ packing: VerticalPacking) -> [UInt8] {
    let width = packing.width
    let blocks = symbols.count / 512
    var bytes = [UInt8](repeating: 0, count: 64 * width * blocks + ((symbols.count % 512) * width + 7) / 8)
    for (s, symbol) in symbols.enumerated() {
      for k in 0..<width {
        let isSet =
          packing.hasSign && k == width - 1
          ? symbol >> 7 == 1 : symbol & (packing.hasSign ? 0x7F : 0xFF) & 1 << UInt8(k) != 0
        guard isSet else { continue }
        let bit: Int
        if s / 512 < blocks {
          // Lane s mod 16 is a string of bits; its word w is word 16w + lane of the block.
          let inLane = (s % 512 / 16) * width + k
          bit = (s / 512) * 512 * width + 32 * (16 * (inLane / 32) + s % 16) + inLane % 32
        } else {
          bit = blocks * 512 * width + (s % 512) * width + k
        }
        bytes[bit / 8] |= 1 << UInt8(bit % 8)
      }
    }
    return bytes
  }

  private func packed(_ symbols: [UInt8], _ packing: VerticalPacking) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: packing.byteCount(of: symbols.count))
    bytes.withUnsafeMutableBytes { target in symbols.withUnsafeBufferPointer { packing.pack($0, into: target) } }
    return bytes
  }

  private func unpacked(
    _ bytes: [UInt8], count: Int, _ packing: VerticalPacking
  ) -> (symbols: [UInt8], largest: UInt8) {
    var symbols = [UInt8](repeating: 0xAA, count: count)
    let largest = bytes.withUnsafeBytes { source in
      symbols.withUnsafeMutableBufferPointer { packing.unpack(source, into: $0) }
    }
    return (symbols, largest)
  }
}
