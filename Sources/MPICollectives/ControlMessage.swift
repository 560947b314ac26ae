import Collectives

/// What one worker tells another beside the pieces of long messages.
///
/// Six numbers of 8 bytes, little endian, and then the body: a short message itself, or the text of a cause. The first
/// two numbers of a hello keep their places in every version.
package struct ControlMessage: Equatable {
  package enum Kind: Int64 {
    /// The first message: `number` is the version, `subject` the number of workers, `length` the silence that is
    /// borne, in milliseconds.
    case hello = 0x414C_0001
    /// A call: `number` counts the calls, `subject` is the call, `length` the bytes of the message to the receiver.
    case call
    /// Nothing but a sign of life.
    case alive
    /// Worker `subject` is lost to all.
    case lost
    /// The last message: worker `subject` is why the sender leaves, `number` is 1 where it is not simply done.
    case goodbye
  }

  /// The version of this protocol.
  package static let version: Int64 = 1
  /// The most bytes of a control message: all implementations send as much without asking the receiver first.
  package static let capacity = 3072
  package static let headerLength = 6 * 8
  /// The longest message that travels inside of its announcement.
  package static let bodyCapacity = capacity - headerLength

  package var kind: Kind
  package var number: Int64
  package var subject: Int64
  package var length: Int64
  /// The bytes of a piece of a long message.
  package var pieceLength: Int64
  package var body: [UInt8]

  package init(
    kind: Kind, number: Int64 = 0, subject: Int64 = 0, length: Int64 = 0, pieceLength: Int64 = 0, body: [UInt8] = []
  ) {
    precondition(body.count <= Self.bodyCapacity, "A control message has room for \(Self.bodyCapacity) bytes")
    self.kind = kind
    self.number = number
    self.subject = subject
    self.length = length
    self.pieceLength = pieceLength
    self.body = body
  }

  /// The bytes on the way.
  package var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.headerLength + body.count) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      let numbers = (kind.rawValue, number, subject, length, pieceLength, Int64(body.count))
      func store(_ number: Int64, _ place: Int) {
        raw.storeBytes(of: number.littleEndian, toByteOffset: 8 * place, as: Int64.self)
      }
      store(numbers.0, 0)
      store(numbers.1, 1)
      store(numbers.2, 2)
      store(numbers.3, 3)
      store(numbers.4, 4)
      store(numbers.5, 5)
      if !body.isEmpty { raw[Self.headerLength...].copyBytes(from: body) }
      count = Self.headerLength + body.count
    }
  }
}

extension ControlMessage {
  /// Reads a message; nil where the bytes are none.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.headerLength else { return nil }
    func number(_ place: Int) -> Int64 {
      Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * place, as: Int64.self))
    }
    guard let kind = Kind(rawValue: number(0)), number(5) == bytes.count - Self.headerLength else { return nil }
    self.init(
      kind: kind, number: number(1), subject: number(2), length: number(3), pieceLength: number(4),
      body: Array(bytes[Self.headerLength...]))
  }

  /// The text in the body.
  package var text: String? { body.isEmpty ? nil : String(decoding: body, as: UTF8.self) }

  /// As much of a text as a body takes.
  package static func body(of text: String?) -> [UInt8] {
    var text = Substring(text ?? "")
    while text.utf8.count > 1024 { text.removeLast() }
    return Array(text.utf8)
  }

  /// The number of a call.
  package static func number(of call: CollectiveCall) -> Int64 {
    switch call {
    case .allGather: 1
    case .allToAll: 2
    case .barrier: 3
    case .broadcast(let root): 4 + Int64(root)
    }
  }

  /// The call of a number; nil where it is none of `worldSize` workers.
  package static func call(_ number: Int64, worldSize: Int) -> CollectiveCall? {
    switch number {
    case 1: .allGather
    case 2: .allToAll
    case 3: .barrier
    case 4..<(4 + Int64(worldSize)): .broadcast(root: Int(number) - 4)
    default: nil
    }
  }
}
