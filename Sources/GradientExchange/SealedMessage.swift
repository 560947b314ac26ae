import EntropyCoding
import WireFormat

/// The seal on a message: whether it is whole, and the one that was expected.
///
/// Behind the message come the number of its bytes (UInt64), that of the call (UInt32) and a CRC32C (UInt32), all little
/// endian. The check covers all bytes before it, and then the sender and the kind of the message, which do not travel. A
/// message that was sent in an earlier call, by another worker or for another purpose therefore does not pass.
struct SealedMessage {
  /// The bytes of a seal.
  static let overhead = 16

  let call: UInt32
  let sender: Int
  var isReport = false

  /// `message` with its seal.
  func sealing(_ message: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.reserve(message.count + Self.overhead)
    writer.append(message)
    writer.append(UInt64(message.count))
    writer.append(call)
    writer.append(check(writer.bytes[...]))
    return writer.bytes
  }

  /// Takes the seal off.
  ///
  /// - Parameters:
  ///   - bytes: What arrived; the message alone, where the seal is whole.
  ///   - isTrusted: Whether the bytes never left this rank, and need no look.
  /// - Returns: Whether the seal is whole.
  func open(_ bytes: inout [UInt8], isTrusted: Bool = false) -> Bool {
    guard bytes.count >= Self.overhead else { return false }
    if !isTrusted {
      var reader = ByteReader(bytes[(bytes.count - Self.overhead)...])
      guard let count = try? reader.next(UInt64.self), count == UInt64(bytes.count - Self.overhead),
        let number = try? reader.next(UInt32.self), number == call,
        let check = try? reader.next(UInt32.self), check == self.check(bytes.dropLast(4))
      else { return false }
    }
    bytes.removeLast(Self.overhead)
    return true
  }

  private func check(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var check = CRC32C()
    check.update(bytes)
    var name = ByteWriter()
    name.append(UInt32(truncatingIfNeeded: sender))
    name.append(isReport ? 1 : 0 as UInt8)
    check.update(name.bytes)
    return check.value
  }
}
