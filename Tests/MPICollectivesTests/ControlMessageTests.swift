import Collectives
import MPICollectives
import Testing

@Suite struct ControlMessageTests {
  private static func reading(_ bytes: [UInt8]) -> ControlMessage? { bytes.withUnsafeBytes { ControlMessage($0) } }

  @Test("What is written is read")
  func roundTrip() {
    let messages = [
      ControlMessage(kind: .hello, number: 1, subject: 8, length: 10_000),
      ControlMessage(kind: .call, number: 1 << 40, subject: 9, length: 3, pieceLength: 1 << 24, body: [1, 2, 3]),
      ControlMessage(kind: .alive),
      ControlMessage(kind: .call, body: [UInt8](repeating: 7, count: ControlMessage.bodyCapacity)),
      ControlMessage(kind: .lost, subject: 2, body: ControlMessage.body(of: "no sign of life")),
    ]
    for message in messages {
      #expect(message.bytes.count <= ControlMessage.capacity)
      #expect(Self.reading(message.bytes) == message)
    }
    #expect(messages[4].text == "no sign of life")
  }

  @Test("Bytes of another length or kind are no message")
  func garbage() {
    let bytes = ControlMessage(kind: .call, number: 5, body: [1, 2, 3]).bytes
    for count in bytes.indices { #expect(Self.reading(Array(bytes.prefix(count))) == nil) }
    #expect(Self.reading(bytes + [0]) == nil)
    #expect(Self.reading([0xFF] + bytes.dropFirst()) == nil)
  }

  @Test("Calls have numbers, and other numbers are none")
  func calls() {
    for call in [CollectiveCall.allGather, .allToAll, .barrier, .broadcast(root: 0), .broadcast(root: 3)] {
      #expect(ControlMessage.call(ControlMessage.number(of: call), worldSize: 4) == call)
    }
    for number: Int64 in [.min, -1, 0, 8, .max] { #expect(ControlMessage.call(number, worldSize: 4) == nil) }
  }

  @Test("A long text is cut between characters")
  func longText() {
    let text = String(repeating: "ä", count: 2000)
    #expect(String(decoding: ControlMessage.body(of: text), as: UTF8.self) == String(repeating: "ä", count: 512))
    #expect(ControlMessage.body(of: nil) == [])
  }
}
