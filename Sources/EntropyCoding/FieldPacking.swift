/// Packs eight bytes into eight narrow fields and back, within one 64-bit register.
///
/// Fields merge pairwise in three rounds: eight of w bits in bytes, four of 2w in 16-bit lanes, two of 4w in 32-bit
/// lanes, one of 8w.
struct FieldPacking {
  private let width: UInt64

  /// - Parameter width: The bits of a field, 1…8 to pack and 1…7 to unpack.
  init(width: Int) { self.width = UInt64(width) }

  /// Packs as many whole groups of eight as there are.
  ///
  /// - Returns: How many bytes were packed.
  @inline(__always)
  func put(_ symbols: UnsafeRawBufferPointer, base: Int, to sink: inout BitSink) -> Int {
    let offset = UInt64(base) &* Self.eachByte
    var index = 0
    while index &+ 8 <= symbols.count {
      let group = UInt64(littleEndian: symbols.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &+ offset
      let fields = packed(group)
      if width <= 7 {
        sink.put(fields, count: Int(8 &* width))
      } else {
        sink.put(fields & 0xFFFF_FFFF, count: 32)
        sink.flush()
        sink.put(fields &>> 32, count: 32)
      }
      sink.flush()
      index &+= 8
    }
    return index
  }

  /// Unpacks as many whole groups of eight as whole words can be loaded for.
  ///
  /// - Parameters:
  ///   - output: Receives the symbols.
  ///   - alphabet: The number of symbols, with base + alphabet at most 2^width.
  ///   - base: The number of symbol 0.
  ///   - source: Where to read.
  ///   - isOutOfRange: Becomes true when a number is outside the alphabet.
  /// - Returns: How many symbols were unpacked.
  @inline(__always)
  func get(
    _ output: UnsafeMutableRawBufferPointer, alphabet: Int, base: Int, from source: inout BitSource,
    isOutOfRange: inout Bool
  ) -> Int {
    let highBits = 0x80 &* Self.eachByte
    let offset = UInt64(base) &* Self.eachByte
    // A field below 128 plus this carries into the high bit exactly when it is at least base + alphabet.
    let excess = UInt64(128 - base - alphabet) &* Self.eachByte
    var outside: UInt64 = 0
    var index = 0
    while index &+ 8 <= output.count && source.hasFullWord {
      let fields = unpacked(source.fullWord())
      let shifted = (fields | highBits) &- offset
      outside |= ~shifted | (fields &+ excess)
      output.storeBytes(of: (shifted & ~highBits).littleEndian, toByteOffset: index, as: UInt64.self)
      source.position &+= Int(8 &* width)
      index &+= 8
    }
    isOutOfRange = isOutOfRange || outside & highBits != 0
    return index
  }

  @inline(__always)
  private func packed(_ bytes: UInt64) -> UInt64 {
    let pairs = bytes & Self.evenBytes | (bytes &>> 8 & Self.evenBytes) &<< width
    let fours = pairs & Self.evenPairs | (pairs &>> 16 & Self.evenPairs) &<< (2 &* width)
    return fours & Self.evenFours | (fours &>> 32) &<< (4 &* width)
  }

  @inline(__always)
  private func unpacked(_ fields: UInt64) -> UInt64 {
    let four = (UInt64(1) &<< (4 &* width)) &- 1
    let fours = fields & four | (fields &>> (4 &* width) & four) &<< 32
    let two = ((UInt64(1) &<< (2 &* width)) &- 1) &* 0x0000_0001_0000_0001
    let pairs = fours & two | (fours &>> (2 &* width) & two) &<< 16
    let one = ((UInt64(1) &<< width) &- 1) &* 0x0001_0001_0001_0001
    return pairs & one | (pairs &>> width & one) &<< 8
  }

  private static let eachByte: UInt64 = 0x0101_0101_0101_0101
  private static let evenBytes: UInt64 = 0x00FF_00FF_00FF_00FF
  private static let evenPairs: UInt64 = 0x0000_FFFF_0000_FFFF
  private static let evenFours: UInt64 = 0x0000_0000_FFFF_FFFF
}
