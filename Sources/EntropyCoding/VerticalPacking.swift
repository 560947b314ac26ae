import LaminaNumerics

/// Fixed-width fields in the order of vector lanes.
///
/// Blocks of 512 symbols are packed vertically: lane j of 16 holds the symbols j, j + 16, …, j + 496 as a string of
/// 32·width bits, least significant first, in `width` words of 32 bits; word w of lane j is word 16w + j of the block,
/// little endian. The symbols after the last whole block are packed one after the other, least significant bit first,
/// and padded to a byte. Packing and unpacking are shifts and ors, alike for every vector width.
///
/// A field is the index of the level; with a sign, the top bit of the field is bit 7 of the symbol.
package struct VerticalPacking: Hashable, Sendable {
  /// The bits of a field, 1…8.
  package let width: Int
  /// Whether bit 7 of a symbol is a sign; the indices are then below 2^(width − 1).
  package let hasSign: Bool

  package static let blockSize = 512

  package init(width: Int, hasSign: Bool) {
    precondition((1...8).contains(width), "A field has 1 to 8 bits, not \(width)")
    self.width = width
    self.hasSign = hasSign
  }

  /// The bytes that `count` symbols take.
  package func byteCount(of count: Int) -> Int {
    count / Self.blockSize * 64 * width + (count % Self.blockSize * width + 7) / 8
  }

  /// Packs `symbols` into `target`, which holds ``byteCount(of:)`` bytes.
  ///
  /// - Parameters:
  ///   - symbols: Symbols whose indices fit the width.
  ///   - target: Receives the fields, at any alignment.
  ///   - tier: The instruction set to use.
  package func pack(
    _ symbols: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableRawBufferPointer,
    tier: KernelTier = .active
  ) {
    let whole = symbols.count / Self.blockSize * Self.blockSize
    let blockBytes = byteCount(of: whole)
    Packing.pack(
      UnsafeBufferPointer(rebasing: symbols[..<whole]), layout: self,
      into: UnsafeMutableRawBufferPointer(rebasing: target[..<blockBytes]), kernels: tier.kernels)
    var bits: UInt32 = 0
    var held = 0
    var position = blockBytes
    for symbol in symbols[whole...] {
      bits |= field(of: symbol) << UInt32(held)
      held += width
      while held >= 8 {
        target[position] = UInt8(truncatingIfNeeded: bits)
        position += 1
        bits >>= 8
        held -= 8
      }
    }
    if held > 0 { target[position] = UInt8(truncatingIfNeeded: bits) }
  }

  /// Unpacks as many symbols as `symbols` has room for from ``byteCount(of:)`` bytes.
  ///
  /// - Parameters:
  ///   - source: The fields, at any alignment.
  ///   - symbols: Receives the symbols.
  ///   - tier: The instruction set to use.
  /// - Returns: The largest index, 0 where there is none; 255 stands for a zero with a sign, which no symbol is.
  package func unpack(
    _ source: UnsafeRawBufferPointer, into symbols: UnsafeMutableBufferPointer<UInt8>, tier: KernelTier = .active
  ) -> UInt8 {
    let whole = symbols.count / Self.blockSize * Self.blockSize
    let blockBytes = byteCount(of: whole)
    var largest = Packing.unpack(
      UnsafeRawBufferPointer(rebasing: source[..<blockBytes]), layout: self,
      into: UnsafeMutableBufferPointer(rebasing: symbols[..<whole]), kernels: tier.kernels)
    var bits: UInt32 = 0
    var held = 0
    var position = blockBytes
    for i in whole..<symbols.count {
      while held < width {
        bits |= UInt32(source[position]) << UInt32(held)
        position += 1
        held += 8
      }
      symbols[i] = symbol(of: bits & (1 << UInt32(width) - 1))
      largest = max(largest, reach(of: symbols[i]))
      bits >>= UInt32(width)
      held -= width
    }
    return largest
  }

  /// Whether the bits behind the last of `count` fields, those that fill the last byte, are zero.
  package func hasZeroPadding(_ bytes: ArraySlice<UInt8>, count: Int) -> Bool {
    let used = count % Self.blockSize * width % 8
    return used == 0 || (bytes.last ?? 0) >> UInt8(used) == 0
  }

  /// The field of a symbol.
  package func field(of symbol: UInt8) -> UInt32 {
    hasSign ? UInt32(symbol & 0x7F) | UInt32(symbol >> 7) << UInt32(width - 1) : UInt32(symbol)
  }

  private func reach(of symbol: UInt8) -> UInt8 {
    guard hasSign else { return symbol }
    return symbol == 0x80 ? 0xFF : symbol & 0x7F
  }

  /// The symbol of a field.
  package func symbol(of field: UInt32) -> UInt8 {
    guard hasSign else { return UInt8(truncatingIfNeeded: field) }
    let sign = field >> UInt32(width - 1)
    return UInt8(truncatingIfNeeded: field & (1 << UInt32(width - 1) - 1) | sign << 7)
  }
}
