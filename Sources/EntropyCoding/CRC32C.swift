/// The cyclic redundancy check with Castagnoli's polynomial, as in iSCSI (RFC 3720) and ext4.
///
/// Reflected polynomial 0x82F63B78, initial value and final exclusive or 0xFFFFFFFF. The check of the ASCII digits
/// "123456789" is 0xE3069283. It finds every error burst of up to 32 bits.
public struct CRC32C: Hashable, Sendable {
  private var register: UInt32 = 0xFFFF_FFFF

  /// The check of no bytes yet.
  public init() {}

  /// The check of all bytes so far.
  public var value: UInt32 { ~register }

  /// The check of `bytes`.
  ///
  /// - Parameter bytes: Any bytes, best contiguous ones.
  /// - Returns: The check.
  public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var check = CRC32C()
    check.update(bytes)
    return check.value
  }

  /// Continues with more bytes; pieces give the same value as the whole.
  ///
  /// - Parameter bytes: Any bytes, best contiguous ones.
  public mutating func update(_ bytes: some Sequence<UInt8>) {
    let isContiguous: Void? = bytes.withContiguousStorageIfAvailable { bytes in
      if let after = ByteKernels.crc32c(register, bytes) {
        register = after
      } else {
        updateByTables(UnsafeRawBufferPointer(bytes))
      }
    }
    if isContiguous == nil {
      for byte in bytes { register = Self.step(register, byte) }
    }
  }

  /// Eight bytes per round, by eight look-ups that do not depend on one another ("slicing by 8").
  private mutating func updateByTables(_ bytes: UnsafeRawBufferPointer) {
    var crc = register
    var index = 0
    Self.tables.withUnsafeBufferPointer { table in
      while index &+ 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ UInt64(crc)
        crc = 0
        for slice in 0..<8 {
          crc ^= table[(7 &- slice) &* 256 &+ Int(truncatingIfNeeded: word &>> UInt64(8 &* slice) & 0xFF)]
        }
        index &+= 8
      }
    }
    for byte in bytes[index...] { crc = Self.step(crc, byte) }
    register = crc
  }

  /// The check of `bytes` by tables, the executable specification of the kernel.
  package static func checksumByTables(_ bytes: [UInt8]) -> UInt32 {
    var check = CRC32C()
    bytes.withUnsafeBytes { check.updateByTables($0) }
    return check.value
  }

  private static func step(_ register: UInt32, _ byte: UInt8) -> UInt32 {
    register >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: register) ^ byte)]
  }

  /// Entry 256·k + b is the register after byte b and k zero bytes.
  private static let tables: [UInt32] = {
    var table = (0..<256).map { byte in
      (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    for index in 256..<(8 * 256) {
      let previous = table[index - 256]
      table.append(previous >> 8 ^ table[Int(previous & 0xFF)])
    }
    return table
  }()
}
