import CMPIShims
import Collectives

/// The messages of this process that are under way, with what they are for.
///
/// Of the pieces of long messages only a few for each peer are handed to MPI at a time: it looks at all that it has
/// whenever it is asked, and with thousands of them would do little else. One thread at a time may use it.
final class MPIPort {
  enum Channel: Int32 {
    case control
    case pieces
  }

  /// What a message is for. It keeps the bytes alive, and thereby in their place, as long as MPI needs them.
  enum Transfer {
    case sending([UInt8], to: Int, isPiece: Bool)
    case control(from: Int)
    case piece(of: MPIRound, from: Int)
  }

  let rank: Int
  let worldSize: Int
  /// How many of the processes run on this machine.
  let neighbours: Int
  /// Pieces of long messages that are under way in either direction, or wait to be.
  private(set) var pieces = 0
  /// The pieces to and from each peer.
  private var outgoing: [PieceQueue<(bytes: [UInt8], part: Range<Int>)>]
  private var incoming: [PieceQueue<(round: MPIRound, start: UnsafeMutablePointer<UInt8>, count: Int)>]
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
    outgoing = (0..<self.worldSize).map { _ in PieceQueue(limit: 8) }
    // Twice as many, so that what a peer sends finds its place prepared.
    incoming = (0..<self.worldSize).map { _ in PieceQueue(limit: 16) }
    var neighbours: Int32 = 0
    try Self.check(laminam_neighbours(&neighbours))
    self.neighbours = Int(neighbours)
  }

  /// Whether nothing is under way.
  var isIdle: Bool { laminam_pending() == 0 && pieces == 0 }

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

  /// Starts to send a control message.
  func send(_ bytes: [UInt8], to peer: Int) throws(CollectiveError) {
    try send(bytes, bytes.indices, to: peer, on: .control)
  }

  /// Sends a part of `bytes` behind the pieces before it.
  func sendPiece(_ part: Range<Int>, of bytes: [UInt8], to peer: Int) throws(CollectiveError) {
    pieces += 1
    outgoing[peer].append((bytes, part))
    try moveOn(peer)
  }

  /// Receives a piece of a message into a place that `round` holds, behind the pieces before it.
  func receivePiece(
    of round: MPIRound, from peer: Int, into start: UnsafeMutablePointer<UInt8>, count: Int
  ) throws(CollectiveError) {
    pieces += 1
    incoming[peer].append((round, start, count))
    try moveOn(peer)
  }

  /// Hands to MPI what there is room for.
  private func moveOn(_ peer: Int) throws(CollectiveError) {
    while let piece = outgoing[peer].next() { try send(piece.bytes, piece.part, to: peer, on: .pieces) }
    while let piece = incoming[peer].next() {
      let token = note(.piece(of: piece.round, from: peer))
      try Self.check(
        laminam_receive(piece.start, Int32(piece.count), Int32(peer), Channel.pieces.rawValue, Int64(token)))
    }
  }

  private func send(
    _ bytes: [UInt8], _ part: Range<Int>, to peer: Int, on channel: Channel
  ) throws(CollectiveError) {
    let token = note(.sending(bytes, to: peer, isPiece: channel == .pieces))
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

  /// Moves messages on.
  ///
  /// - Returns: What has been sent or received, with the bytes received.
  func poll() throws(CollectiveError) -> [(transfer: Transfer, count: Int)] {
    var events: UnsafePointer<laminam_event>?
    var count: Int32 = 0
    try Self.check(laminam_poll(&events, &count))
    let done = UnsafeBufferPointer(start: events, count: Int(count)).compactMap { event in
      take(Int(event.token)).map { (transfer: $0, count: Int(event.count)) }
    }
    // The list of events is good until here.
    for (transfer, _) in done {
      if case .sending(_, let peer, isPiece: true) = transfer { try moveOn(peer) }
      if case .piece(_, let peer) = transfer { try moveOn(peer) }
    }
    return done
  }

  /// What a message was for that is done.
  private func take(_ token: Int) -> Transfer? {
    guard let transfer = transfers[token] else { return nil }
    transfers[token] = nil
    free.append(token)
    switch transfer {
    case .sending(_, let peer, let isPiece):
      if isPiece { outgoing[peer].underWay -= 1 }
      pieces -= isPiece ? 1 : 0
    case .piece(_, let peer):
      incoming[peer].underWay -= 1
      pieces -= 1
    case .control: break
    }
    return transfer
  }

  private func note(_ transfer: Transfer) -> Int {
    guard let token = free.popLast() else {
      transfers.append(transfer)
      return transfers.count - 1
    }
    transfers[token] = transfer
    return token
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

/// Pieces in their order, of which a limited number is under way.
private struct PieceQueue<Piece> {
  let limit: Int
  var underWay = 0
  private var waiting: [Piece] = []
  private var first = 0

  init(limit: Int) { self.limit = limit }

  mutating func append(_ piece: Piece) { waiting.append(piece) }

  /// The next piece, now under way, where there is one and room for it.
  mutating func next() -> Piece? {
    guard underWay < limit, first < waiting.count else { return nil }
    let piece = waiting[first]
    first += 1
    underWay += 1
    if first == waiting.count || first > 1024 {
      waiting.removeFirst(first)
      first = 0
    }
    return piece
  }
}
