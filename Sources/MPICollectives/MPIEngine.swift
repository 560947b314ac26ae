import Collectives

/// What a worker knows of its group, moved on by whoever has time: the caller while it waits, a thread while it computes.
///
/// Every call is announced to all peers, in the order of the calls; a short message is part of its announcement, a long
/// one follows in pieces, which MPI delivers in the order in which they were sent, so that a receiver that has read the
/// announcement knows where each belongs. All is received, whether it fits to what this worker calls or not: workers
/// that disagree find out without leaving anything behind.
///
/// Touched under the lock of its `MPIWorld` only.
final class MPIEngine {
  /// Why a worker leaves: itself, or another that was lost before.
  struct Departure {
    var rank: Int
    var cause: String?
  }

  struct Peer {
    let buffer: UnsafeMutableRawBufferPointer
    var hasGreeted = false
    var nextCall = 0
    var departure: Departure?
  }

  let port: MPIPort
  var rank: Int { port.rank }
  var worldSize: Int { port.worldSize }
  var peers: [Peer]
  var watch: PeerWatch
  /// Why no call can succeed any more.
  private(set) var failure: CollectiveError?
  /// The workers that no message reaches any more.
  private(set) var lost: Set<Int> = []
  /// The loss that this worker was told of, of which everything that it does later is a consequence.
  private(set) var informed: Departure?
  private var rounds: [Int: MPIRound] = [:]
  private var nextCall = 0
  private var sendingOrder = SendingOrder()
  private let version: Int64

  init(port: MPIPort, limits: MPILimits) throws(CollectiveError) {
    self.port = port
    version = limits.version
    watch = PeerWatch(rank: port.rank, worldSize: port.worldSize, silence: limits.silence, at: Moment.now)
    peers = (0..<port.worldSize).map { _ in
      Peer(buffer: .allocate(byteCount: ControlMessage.capacity, alignment: 8))
    }
    for peer in ring { try port.receiveControl(from: peer, into: peers[peer].buffer) }
    let milliseconds = Int64(min(limits.silence, 1e9) * 1000)
    tellAll(
      ControlMessage(kind: .hello, number: version, subject: Int64(worldSize), length: max(1, milliseconds)))
  }

  deinit { for peer in peers { peer.buffer.deallocate() } }

  /// The peers in the order in which this worker serves them, so that not all serve the same one first.
  private var ring: [Int] { (1..<max(1, worldSize)).map { (rank + $0) % worldSize } }

  /// Whether pieces of long messages are under way, or to come.
  var isMoving: Bool { port.pieces > 0 || !sendingOrder.isEmpty }

  // MARK: Calls

  /// Starts a call.
  ///
  /// - Returns: Its number.
  func start(_ call: CollectiveCall, _ messages: [[UInt8]], pieceLength: Int?) -> Int {
    let number = nextCall
    nextCall += 1
    let own =
      switch call {
      case .allGather: messages[0]
      case .allToAll: messages[rank]
      case .broadcast, .barrier: messages.first ?? []
      }
    round(number).hear(call, from: rank, own, at: Moment.now)
    guard failure == nil else { return number }
    func bytes(announcing message: [UInt8]) -> [UInt8] {
      announcement(of: call, number, message, pieceLength: pieceLength ?? Self.pieceLength(of: message)).bytes
    }
    let shared = call == .allToAll ? nil : bytes(announcing: own)
    do {
      for (step, peer) in ring.enumerated() {
        let message = call == .allToAll ? messages[peer] : own
        try port.send(shared ?? bytes(announcing: message), to: peer)
        guard message.count > ControlMessage.bodyCapacity else { continue }
        let isExchange = call == .allToAll || call == .allGather
        sendingOrder.append(
          SendingOrder.Entry(
            round: round(number), peer: peer, message: message,
            pieceLength: pieceLength ?? Self.pieceLength(of: message),
            prerequisites: isExchange ? max(0, step + 1 - SendingOrder.lead(length: message.count)) : 0))
      }
      try sendDue()
    } catch {
      fail(error)
    }
    return number
  }

  /// Sends the long messages that are due; all of them once a peer has left, which what is due may wait for in vain.
  private func sendDue() throws(CollectiveError) {
    let hasDeparture = peers.contains { $0.departure != nil }
    while let due = sendingOrder.next(regardless: hasDeparture) {
      for start in stride(from: 0, to: due.message.count, by: due.pieceLength) {
        let piece = start..<min(start + due.pieceLength, due.message.count)
        try port.sendPiece(piece, of: due.message, to: due.peer)
      }
    }
  }

  /// Pieces that MPI sends over TCP without asking the receiver first, which uses the wire far better than what it does
  /// with longer ones (four workers, 4 MiB, 1 Gbit/s: 80 instead of 55 % of the rate); at most 256 of a message, and
  /// fewer than the 2³¹ bytes that MPI can count.
  private static func pieceLength(of message: [UInt8]) -> Int {
    min(max(60_000, (message.count + 255) / 256), 1 << 30)
  }

  private func announcement(
    of call: CollectiveCall, _ number: Int, _ message: [UInt8], pieceLength: Int
  ) -> ControlMessage {
    ControlMessage(
      kind: .call, number: Int64(number), subject: ControlMessage.number(of: call), length: Int64(message.count),
      pieceLength: Int64(pieceLength), body: message.count <= ControlMessage.bodyCapacity ? message : [])
  }

  /// What a call has come to, nil while it is under way.
  func outcome(of number: Int) -> Result<[[UInt8]], CollectiveError>? {
    guard let round = rounds[number] else { return .failure(failure ?? .unavailable) }
    if round.isComplete {
      rounds[number] = nil
      return round.outcome()
    }
    for (peer, call) in zip(peers, round.calls) where call == nil {
      guard let departure = peer.departure else { continue }
      informed = informed ?? departure
      return .failure(.peerLost(rank: departure.rank, cause: departure.cause))
    }
    return failure.map { .failure($0) }
  }

  /// Loses the first worker that a call has been missing for `patience` seconds.
  func losePatience(with number: Int, since start: Double, patience: Double) {
    guard let round = rounds[number], let missing = round.firstMissing else { return }
    guard Moment.now - max(start, round.lastNews) > patience else { return }
    lose(missing, because: "it lives, but has not called for \(Self.text(patience)) s")
  }

  private func round(_ number: Int) -> MPIRound {
    if let round = rounds[number] { return round }
    let round = MPIRound(rank: rank, worldSize: worldSize)
    rounds[number] = round
    return round
  }

  // MARK: Moving on

  /// Moves all messages on, and looks after the peers.
  ///
  /// - Returns: Whether anything was sent or received.
  func advance() -> Bool {
    do {
      let done = try port.poll()
      let now = Moment.now
      for (transfer, count) in done { try handle(transfer, count, at: now) }
      if !done.isEmpty { try sendDue() }
      if watch.beats(at: now), !lost.contains(watch.next), !isLeaving {
        let bytes = ControlMessage(kind: .alive).bytes
        try port.send(bytes, to: watch.next)
      }
      let previous = watch.previous
      if watch.missesPrevious(at: now), failure == nil, peers[previous].departure == nil {
        lose(previous, because: "no sign of life for \(Self.text(watch.silence)) s")
      }
      return !done.isEmpty
    } catch {
      fail(error)
      return false
    }
  }

  private func handle(_ transfer: MPIPort.Transfer, _ count: Int, at now: Double) throws(CollectiveError) {
    switch transfer {
    case .sending: break
    case .piece(let round, let peer):
      watch.hear(from: peer, at: now)
      round.receivePiece(from: peer, at: now)
    case .control(let peer):
      watch.hear(from: peer, at: now)
      let message = ControlMessage(UnsafeRawBufferPointer(rebasing: peers[peer].buffer[..<count]))
      guard let message, try take(message, from: peer, at: now) else {
        lose(peer, because: "it sent a message that makes no sense")
        return
      }
      if message.kind != .goodbye { try port.receiveControl(from: peer, into: peers[peer].buffer) }
    }
  }

  /// Acts on a message.
  ///
  /// - Returns: Whether it makes sense.
  private func take(_ message: ControlMessage, from peer: Int, at now: Double) throws(CollectiveError) -> Bool {
    switch message.kind {
    case .hello: greet(message, from: peer)
    case .call: return try announce(message, from: peer, at: now)
    case .alive: break
    case .lost:
      let rank = Int(truncatingIfNeeded: message.subject)
      guard peers.indices.contains(rank) else { return false }
      note(Departure(rank: rank, cause: message.text))
    case .goodbye:
      let rank = Int(truncatingIfNeeded: message.subject)
      guard peers.indices.contains(rank) else { return false }
      peers[peer].departure = Departure(rank: rank, cause: message.text)
    }
    return true
  }

  private func greet(_ message: ControlMessage, from peer: Int) {
    peers[peer].hasGreeted = true
    guard message.number == version else {
      fail(
        .incompatible(
          rank: peer,
          reason: "it speaks version \(message.number) of Lamina's protocol over MPI, rank \(rank) \(version)"))
      return
    }
    watch.interval = min(watch.interval, Double(message.length) / 5000)
  }

  private func announce(_ message: ControlMessage, from peer: Int, at now: Double) throws(CollectiveError) -> Bool {
    let (number, length, piece) = (Int(message.number), Int(message.length), Int(message.pieceLength))
    guard let call = ControlMessage.call(message.subject, worldSize: worldSize), number == peers[peer].nextCall,
      (0...1 << 44).contains(length), (1...Int(Int32.max)).contains(piece)
    else { return false }
    peers[peer].nextCall += 1
    guard length > ControlMessage.bodyCapacity else {
      round(number).hear(call, from: peer, message.body, at: now)
      return message.body.count == length
    }
    let round = round(number)
    let pieces = (length + piece - 1) / piece
    guard let place = round.hear(call, from: peer, length: length, pieces: pieces, at: now) else { return false }
    for start in stride(from: 0, to: length, by: piece) {
      try port.receivePiece(of: round, from: peer, into: place + start, count: min(piece, length - start))
    }
    return true
  }

  // MARK: Losses

  /// Whether this worker has said goodbye, after which it says nothing more.
  private(set) var isLeaving = false

  /// Says goodbye to all, for a reason of this worker's own or as a consequence of another's.
  func sayGoodbye(cause: String?) {
    let departure = informed ?? Departure(rank: rank, cause: cause)
    tellAll(
      ControlMessage(
        kind: .goodbye, number: departure.cause == nil ? 0 : 1, subject: Int64(departure.rank),
        body: ControlMessage.body(of: departure.cause)))
    isLeaving = true
  }

  /// Whether every worker has said which protocol it speaks.
  var hasMetAll: Bool { ring.allSatisfy { peers[$0].hasGreeted } }

  /// Whether all peers have said goodbye, and all that was sent has come.
  var isDone: Bool { isLeaving && lost.isEmpty && isAlone && port.isIdle && sendingOrder.isEmpty }

  /// What a peer that failed makes of the calls to come, before this worker has made any.
  var peerFailure: CollectiveError? {
    let failed = peers.lazy.compactMap(\.departure).first { $0.cause != nil }
    return failed.map { .peerLost(rank: $0.rank, cause: $0.cause) }
  }

  /// Whether MPI itself failed.
  var isBroken: Bool {
    if case .transport = failure { true } else { false }
  }

  /// Whether all peers that can still be heard have said goodbye.
  var isAlone: Bool { ring.allSatisfy { lost.contains($0) || peers[$0].departure != nil } }

  /// Declares a worker lost to all.
  private func lose(_ peer: Int, because cause: String) {
    guard failure == nil else { return }
    note(Departure(rank: peer, cause: cause))
    tellAll(ControlMessage(kind: .lost, subject: Int64(peer), body: ControlMessage.body(of: cause)))
  }

  private func note(_ departure: Departure) {
    lost.insert(departure.rank)
    informed = informed ?? departure
    fail(.peerLost(rank: departure.rank, cause: departure.cause))
  }

  private func fail(_ error: CollectiveError) { failure = failure ?? error }

  private func tellAll(_ message: ControlMessage) {
    let bytes = message.bytes
    do {
      for peer in ring where !lost.contains(peer) && !isLeaving {
        try port.send(bytes, to: peer)
      }
    } catch {
      fail(error)
    }
  }

  private static func text(_ seconds: Double) -> String {
    seconds == seconds.rounded() && seconds < 1e15 ? String(Int(seconds)) : String(seconds)
  }
}
