import EntropyCoding
import LaminaNumerics
import Quantization

/// Fields of any bytes unpack to the same symbols in every tier, which pack to the same bytes and add the same numbers.
enum FieldLaw {
  static func check(_ bytes: inout InputBytes) throws(BrokenLaw) {
    let levels = bytes.levels()
    let packing = VerticalPacking(width: levels.fieldWidth, hasSign: !levels.areSigned)
    let count = bytes.choice(3) == 0 ? bytes.number() % 4000 : Int(bytes.byte())
    let norm = Float(sign: .plus, exponent: bytes.choice(201) - 100, significand: 1)
    let given = bytes.remainder()
    let fields = (0..<packing.byteCount(of: count)).map { given.isEmpty ? 0 : given[$0 % given.count] }
    let expected = unpacked(fields, packing, count, tier: .portable)
    for tier in KernelTier.supported.dropFirst() {
      let found = unpacked(fields, packing, count, tier: tier)
      try hold(found.symbols == expected.symbols, "Tier \(tier) unpacks other symbols")
      try hold(found.largest == expected.largest, "Tier \(tier) finds another largest symbol")
    }
    let twins = expected.symbols.map { packing.hasSign && $0 == 0x80 ? UInt8(0xFF) : packing.hasSign ? $0 & 0x7F : $0 }
    try hold(expected.largest == twins.max() ?? 0, "The largest symbol is not the largest")
    guard Int(expected.largest) < levels.count else { return }
    var sums: [UInt32]?
    for tier in KernelTier.supported {
      let packed = packed(expected.symbols, packing, tier: tier)
      let hasPadding = !packing.hasZeroPadding(fields[...], count: count)
      try hold(hasPadding || packed == fields, "Tier \(tier) packs other bytes")
      let found = added(expected.symbols, PreparedLevels(levels, tier: tier), norm: norm)
      try hold(found == sums ?? found, "Tier \(tier) adds other numbers")
      sums = found
    }
  }

  private static func unpacked(
    _ fields: [UInt8], _ packing: VerticalPacking, _ count: Int, tier: KernelTier
  ) -> (symbols: [UInt8], largest: UInt8) {
    var symbols = [UInt8](repeating: 0xAA, count: count)
    let largest = fields.withUnsafeBytes { fields in
      symbols.withUnsafeMutableBufferPointer { packing.unpack(fields, into: $0, tier: tier) }
    }
    return (symbols, largest)
  }

  private static func packed(_ symbols: [UInt8], _ packing: VerticalPacking, tier: KernelTier) -> [UInt8] {
    var fields = [UInt8](repeating: 0, count: packing.byteCount(of: symbols.count))
    fields.withUnsafeMutableBytes { fields in
      symbols.withUnsafeBufferPointer { packing.pack($0, into: fields, tier: tier) }
    }
    return fields
  }

  private static func added(_ symbols: [UInt8], _ levels: PreparedLevels, norm: Float) -> [UInt32] {
    var sums = symbols.indices.map { Float($0) * 0.5 - 40 }
    var decoded = [Float](repeating: .nan, count: symbols.count)
    symbols.withUnsafeBufferPointer { symbols in
      sums.withUnsafeMutableBufferPointer { levels.accumulate(symbols, norm: norm, into: $0) }
      decoded.withUnsafeMutableBufferPointer { levels.decode(symbols, norm: norm, into: $0) }
    }
    return patterns(sums + decoded)
  }
}
