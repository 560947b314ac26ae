import CMPIShims
public import Collectives

/// Workers as processes that a launcher of MPI started, on one machine or many.
///
/// Made by ``withMPI(_:)``, and usable until that returns. Only one thread may call at a time. Messages may have any
/// length: MPI counts bytes in 32 bits, so longer ones travel in pieces.
///
/// Every call first gathers what all workers call and how long their messages are. That is how workers that made
/// different calls, or ended early, become errors on every rank instead of a deadlock.
public struct MPICollective: Collective {
  public var rank: Int { world.rank }

  public var worldSize: Int { world.worldSize }

  /// The most bytes of one message that travel at once, in 1...(2³¹ − 1)/``worldSize``; the same on every rank.
  package var pieceLength: Int

  private let world: MPIWorld

  init(world: MPIWorld) {
    self.world = world
    pieceLength = Int(Int32.max) / world.worldSize
  }

  public func start(_ call: CollectiveCall, _ messages: [[UInt8]]) -> PendingCall {
    PendingCall { () throws(CollectiveError) in
      switch call {
      case .allGather: return try gather(messages[0])
      case .allToAll: return try exchange(messages)
      case .broadcast(let root): return [try spread(messages.first ?? [], from: root)]
      case .barrier:
        // To know what all call is to know that all have come.
        _ = try world.agree(on: .barrier, length: 0)
        return []
      }
    }
  }

  private func gather(_ message: [UInt8]) throws(CollectiveError) -> [[UInt8]] {
    let lengths = try world.agree(on: .allGather, length: message.count)
    return try receive(lengths, longest: lengths.max() ?? 0) { piece, received, layout in
      let own = piece.clamped(to: message.indices)
      return message.withUnsafeBufferPointer { bytes in
        laminam_gather_bytes(
          UnsafeBufferPointer(rebasing: bytes[own]).baseAddress, Int32(own.count), &received,
          layout.counts, layout.offsets)
      }
    }
  }

  private func exchange(_ messages: [[UInt8]]) throws(CollectiveError) -> [[UInt8]] {
    let sentLengths = messages.map(\.count)
    // The number of pieces follows from the longest message of all, so that every rank makes as many calls.
    let longest = try world.agree(on: .allToAll, length: sentLengths.max() ?? 0).max() ?? 0
    return try receive(world.exchange(sentLengths), longest: longest) { piece, received, layout in
      let sentLayout = PieceLayout(of: piece, in: sentLengths)
      let sent = messages.flatMap { $0[piece.clamped(to: $0.indices)] }
      return laminam_exchange_bytes(
        sent, sentLayout.counts, sentLayout.offsets, &received, layout.counts, layout.offsets)
    }
  }

  private func spread(_ message: [UInt8], from root: Int) throws(CollectiveError) -> [UInt8] {
    let length = try world.agree(on: .broadcast(root: root), length: message.count)[root]
    var bytes = rank == root ? message : [UInt8](repeating: 0, count: length)
    for start in stride(from: 0, to: length, by: pieceLength) {
      let piece = start..<min(start + pieceLength, length)
      let status = bytes.withUnsafeMutableBufferPointer { bytes in
        laminam_broadcast_bytes(
          UnsafeMutableBufferPointer(rebasing: bytes[piece]).baseAddress, Int32(piece.count), Int32(root))
      }
      try world.check(status)
    }
    return bytes
  }

  /// Receives messages of `lengths` bytes, one from each rank, piece by piece.
  private func receive(
    _ lengths: [Int], longest: Int, transfer: (Range<Int>, inout [UInt8], PieceLayout) -> Int32
  ) throws(CollectiveError) -> [[UInt8]] {
    var messages = lengths.map { length in
      var message: [UInt8] = []
      message.reserveCapacity(length)
      return message
    }
    for start in stride(from: 0, to: longest, by: pieceLength) {
      let piece = start..<min(start + pieceLength, longest)
      let layout = PieceLayout(of: piece, in: lengths)
      var received = [UInt8](repeating: 0, count: layout.total)
      try world.check(transfer(piece, &received, layout))
      for sender in messages.indices { messages[sender] += received[layout.range(sender)] }
    }
    return messages
  }
}

/// Where the same piece of several messages lies when they stand one behind the other.
private struct PieceLayout {
  let counts: [Int32]
  let offsets: [Int32]
  let total: Int

  init(of piece: Range<Int>, in lengths: [Int]) {
    var offsets: [Int32] = []
    var total = 0
    counts = lengths.map { length in
      offsets.append(Int32(total))
      let count = piece.clamped(to: 0..<length).count
      total += count
      return Int32(count)
    }
    self.offsets = offsets
    self.total = total
  }

  func range(_ rank: Int) -> Range<Int> { Int(offsets[rank])..<Int(offsets[rank]) + Int(counts[rank]) }
}
