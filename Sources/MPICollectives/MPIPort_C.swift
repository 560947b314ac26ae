import CMPIShims
import Collectives

/// The messages of this process that are under way, with what they are for.
///
/// One thread at a time may use it.
final class MPIPort {
  enum Channel: Int32 {
    case control
    case pieces
  }

  /// What a message is for. It keeps the bytes alive, and thereby in their place, as long as MPI needs them.
  enum Transfer {
    case sending([UInt8], isPiece: Bool)
    case control(from: Int)
    case piece(of: MPIRound, from: Int)
  }

  let rank: Int
  let worldSize: Int
  /// How many of the processes run on this machine.
  let neighbours: Int
  /// Pieces of long messages that are under way in either direction.
  private(set) var pieces = 0
  private var transfers: [Transfer?] = []
  private var free: [Int] = []

  /// Starts MPI.
  init() throws(CollectiveError) {
    var rank: Int32 = 0
    var worldSize: Int32 = 0
    let status = laminam_start(&rank, &worldSize)
    precondition(Int(status) != LAMINAM_STARTED_TWICE, "MPI starts once in the life of a process")
    try Self.check(status)
    self.rank = Int(rank)
    self.worldSize = Int(worldSize)
    var neighbours: Int32 = 0
    try Self.check(laminam_neighbours(&neighbours))
    self.neighbours = Int(neighbours)
  }

  /// Whether nothing is under way.
  var isIdle: Bool { laminam_pending() == 0 }

  /// Ends MPI; nothing may be under way.
  func finish() throws(CollectiveError) { try Self.check(laminam_finish()) }

  /// Adds numbers up over all processes, by MPI's own all-reduce.
  func addUp(_ values: inout [Float]) throws(CollectiveError) {
    let piece = 1 << 28
    for start in stride(from: 0, to: values.count, by: piece) {
      let count = Int32(min(piece, values.count - start))
      try Self.check(values.withUnsafeMutableBufferPointer { laminam_add_up($0.baseAddress.map { $0 + start }, count) })
    }
  }

  /// Gives MPI up: the exit of this process ends all others.
  func abandon() { laminam_abandon() }

  /// Ends this process and all others.
  func abort() -> Never { laminam_abort() }

  /// Starts to send a part of `bytes`.
  func send(_ bytes: [UInt8], _ part: Range<Int>, to peer: Int, on channel: Channel) throws(CollectiveError) {
    let token = note(.sending(bytes, isPiece: channel == .pieces))
    // The pointer is good as long as the array is not changed, and the transfer holds it unchanged.
    let start = bytes.withUnsafeBufferPointer { $0.baseAddress }
    try Self.check(
      laminam_send(start.map { $0 + part.lowerBound }, Int32(part.count), Int32(peer), channel.rawValue, Int64(token)))
  }

  /// Starts to receive a control message; `buffer` stays in its place until it has come.
  func receiveControl(from peer: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CollectiveError) {
    let token = note(.control(from: peer))
    try Self.check(
      laminam_receive(
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(buffer.count), Int32(peer),
        Channel.control.rawValue, Int64(token)))
  }

  /// Starts to receive a piece of a message into a place that `round` holds.
  func receivePiece(
    of round: MPIRound, from peer: Int, into start: UnsafeMutablePointer<UInt8>, count: Int
  ) throws(CollectiveError) {
    let token = note(.piece(of: round, from: peer))
    try Self.check(laminam_receive(start, Int32(count), Int32(peer), Channel.pieces.rawValue, Int64(token)))
  }

  /// Moves messages on.
  ///
  /// - Returns: What has been sent or received, with the bytes received.
  func poll() throws(CollectiveError) -> [(transfer: Transfer, count: Int)] {
    var events: UnsafePointer<laminam_event>?
    var count: Int32 = 0
    try Self.check(laminam_poll(&events, &count))
    return UnsafeBufferPointer(start: events, count: Int(count)).compactMap { event in
      let token = Int(event.token)
      guard let transfer = transfers[token] else { return nil }
      transfers[token] = nil
      free.append(token)
      if Self.isPiece(transfer) { pieces -= 1 }
      return (transfer, Int(event.count))
    }
  }

  private func note(_ transfer: Transfer) -> Int {
    if Self.isPiece(transfer) { pieces += 1 }
    guard let token = free.popLast() else {
      transfers.append(transfer)
      return transfers.count - 1
    }
    transfers[token] = transfer
    return token
  }

  private static func isPiece(_ transfer: Transfer) -> Bool {
    switch transfer {
    case .sending(_, let isPiece): isPiece
    case .control: false
    case .piece: true
    }
  }

  private static func check(_ status: Int32) throws(CollectiveError) {
    switch Int(status) {
    case LAMINAM_OK: return
    case LAMINAM_UNAVAILABLE: throw .unavailable
    default:
      var text = [CChar](repeating: 0, count: 256)
      laminam_explain(status, &text, Int32(text.count))
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .transport(code: status, message: String(decoding: bytes, as: UTF8.self))
    }
  }
}
