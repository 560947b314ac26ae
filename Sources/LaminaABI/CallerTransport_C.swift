internal import CLamina
import Collectives

/// A group whose messages travel by two functions of the caller.
///
/// A round of the transport has a message from every worker to every other; all calls are made of one.
final class CallerTransport: Collective, @unchecked Sendable {
  // Unchecked: one thread at a time is in the exchange that has it, as the header promises to the caller.
  let rank: Int
  let worldSize: Int
  private let transport: lamina_transport
  /// What is under way: the transport reads it until the round was waited for.
  private var outgoing: [UInt64: OutgoingMessages] = [:]

  init(_ transport: lamina_transport) throws(Failure) {
    guard (1...1 << 16).contains(transport.world_size) else {
      throw .argument("A group has 1 to 65536 workers, not \(transport.world_size).")
    }
    guard transport.rank < transport.world_size else {
      throw .argument("Rank \(transport.rank) is not one of \(transport.world_size) workers.")
    }
    if transport.start == nil || transport.wait == nil { throw .null("start or wait") }
    self.transport = transport
    rank = Int(transport.rank)
    worldSize = Int(transport.world_size)
  }

  func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    let own: [UInt8]
    var outgoing = OutgoingMessages(worldSize: worldSize)
    switch call {
    case .allGather:
      own = messages[0]
      outgoing.send(own, to: (0..<worldSize).filter { $0 != rank })
    case .allToAll:
      own = messages[rank]
      for receiver in 0..<worldSize where receiver != rank { outgoing.send(messages[receiver], to: [receiver]) }
    case .broadcast(let root):
      own = messages.first ?? []
      if root == rank { outgoing.send(own, to: (0..<worldSize).filter { $0 != rank }) }
    case .barrier: own = []
    }
    let round: UInt64
    do throws(CollectiveError) { round = try started(outgoing) } catch {
      return PendingCall { () throws(CollectiveError) in throw error }
    }
    return PendingCall { () throws(CollectiveError) in
      var received = try self.received(round)
      received[self.rank] = own
      switch call {
      case .allGather, .allToAll: return received
      case .broadcast(let root): return [received[root]]
      case .barrier: return []
      }
    }
  }

  private func started(_ messages: OutgoingMessages) throws(CollectiveError) -> UInt64 {
    var round: UInt64 = 0
    var error = lamina_error()
    let status = transport.start(transport.context, messages.descriptors, &round, &error)
    guard status == 0 else { throw .transport(code: status, message: error.text) }
    outgoing[round] = messages
    return round
  }

  private func received(_ round: UInt64) throws(CollectiveError) -> [[UInt8]] {
    var error = lamina_error()
    var received = [lamina_bytes](repeating: lamina_bytes(data: nil, size: 0), count: worldSize)
    let status = transport.wait(transport.context, round, &received, &error)
    guard status == 0 else { throw .transport(code: status, message: error.text) }
    outgoing[round] = nil
    return received.map { Array(UnsafeBufferPointer(start: $0.data, count: $0.data == nil ? 0 : $0.size)) }
  }
}

/// Messages at fixed addresses.
private struct OutgoingMessages {
  private final class Memory {
    let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ message: [UInt8]) {
      bytes = .allocate(capacity: message.count)
      _ = bytes.initialize(fromContentsOf: message)
    }

    deinit { bytes.deallocate() }
  }

  private var memories: [Memory] = []
  private(set) var descriptors: [lamina_bytes]

  init(worldSize: Int) { descriptors = Array(repeating: lamina_bytes(data: nil, size: 0), count: worldSize) }

  mutating func send(_ message: [UInt8], to receivers: [Int]) {
    let memory = Memory(message)
    memories.append(memory)
    for receiver in receivers {
      descriptors[receiver] = lamina_bytes(data: UnsafePointer(memory.bytes.baseAddress), size: message.count)
    }
  }
}

extension lamina_error {
  /// What the caller wrote, whether or not there is a zero at its end.
  fileprivate var text: String {
    withUnsafeBytes(of: message) { bytes in
      let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      return text.isEmpty ? "The transport failed, and did not say why." : text
    }
  }
}
