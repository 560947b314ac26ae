import Collectives
import Quantization
import WireFormat

/// Every worker reduces one piece of each round and publishes its mean: ``Reduction/scatterReduce``.
///
/// All rounds are under way together: while the pieces of one travel, the next are encoded; while the means of one
/// travel, the next are added up.
struct ScatterReduction<Group: Collective>: VectorReduction {
  private let group: Group
  private let layout: PieceLayout
  private let nonFinite: NonFinitePolicy
  private(set) var plan: QuantizationPlan
  /// The codecs of the pieces by round and owner, nil for empty ones.
  private var codecs: [[ExchangeCodec?]]
  /// Those that publish the means of this rank's pieces, by round.
  private var publishers: [ExchangeCodec?]
  /// What was sent before the codecs were made, and what they do not count.
  private var counted: TrafficReport

  init(plan: QuantizationPlan, group: Group, options: ExchangeOptions) {
    self.plan = plan
    self.group = group
    let layout = PieceLayout(plan: plan, worldSize: group.worldSize, pieceSize: options.pieceSize)
    self.layout = layout
    nonFinite = options.nonFinite
    counted = TrafficReport(dimension: plan.map.dimension)
    codecs = layout.rounds.enumerated().map { round, pieces in
      pieces.enumerated().map { owner, piece in
        guard !piece.isEmpty else { return nil }
        return ExchangeCodec(
          plan: plan.piece(piece, number: round * group.worldSize + owner), rank: group.rank,
          nonFinite: options.nonFinite, threads: options.threads)
      }
    }
    publishers = codecs.map { $0[group.rank] }
  }

  mutating func reduce(
    _ local: LocalVector, step: UInt64, into mean: UnsafeMutableBufferPointer<Float>,
    observer: inout AgreementState?, times: inout ExchangeTimes
  ) throws(ExchangeError) -> ExchangeTally {
    var tally = ExchangeTally()
    // The codecs check their pieces, but the first would be under way before the last is looked at.
    let start = ContinuousClock.now
    if nonFinite == .stop { try plan.checkFinite(try local.wait(), step: step) }
    times.encode += seconds(since: start)
    let scale = try commonScale(of: local, times: &times)
    let scattered = try scatter(local, step: step, scale: scale, observer: &observer, times: &times, tally: &tally)
    let gathered = try reduceOwn(scattered, step: step, times: &times)
    try collect(gathered, step: step, times: &times, into: mean, tally: &tally)
    counted.exchanges += 1
    return tally
  }

  /// The root mean square over all workers of the coordinates that are dithered at the scale of the vector, so that all
  /// have one step and their integers add up.
  private mutating func commonScale(
    of local: LocalVector, times: inout ExchangeTimes
  ) throws(ExchangeError) -> Float? {
    guard plan.hasVectorScale else { return nil }
    let start = ContinuousClock.now
    let own = plan.scale(of: try local.wait())
    times.encode += seconds(since: start)

    let sent = ContinuousClock.now
    defer { times.exchange += seconds(since: sent) }
    var message = ByteWriter()
    message.append(own.bitPattern)
    let messages = try group.startAllGather(message.bytes).result()
    counted.vectorNorms += 8 * message.bytes.count
    counted.sentBytes += message.bytes.count * (group.worldSize - 1)
    var squares = 0.0
    for (rank, bytes) in messages.enumerated() {
      var reader = ByteReader(bytes[...])
      let scale: Float
      do throws(WireFormatError) { scale = Float(bitPattern: try reader.next()) } catch {
        throw .frame(rank: rank, error)
      }
      squares += Double(scale) * Double(scale)
    }
    return LevelSymbols.canonical(Float((squares / Double(messages.count)).squareRoot()))
  }

  /// The rounds as they are sent: the last first, as a backward pass completes them.
  private var order: ReversedCollection<Range<Int>> { layout.rounds.indices.reversed() }

  /// Encodes the pieces of every round and sends each to its owner.
  private mutating func scatter(
    _ local: LocalVector, step: UInt64, scale: Float?, observer: inout AgreementState?, times: inout ExchangeTimes,
    tally: inout ExchangeTally
  ) throws(ExchangeError) -> [PendingCall] {
    let start = ContinuousClock.now
    defer { times.encode += seconds(since: start) }
    var calls: [PendingCall] = []
    var bits = 0
    for round in order {
      let pieces = layout.rounds[round]
      var messages = [[UInt8]](repeating: [], count: pieces.count)
      for (owner, piece) in pieces.enumerated() {
        let frame = try codecs[round][owner]?.encode(
          local[piece], step: step, observer: &observer, vectorScale: scale)
        guard let frame else { continue }
        tally.squaredError += frame.squaredError
        tally.squaredNorm += frame.squaredNorm
        tally.exactBuckets += frame.exactBuckets
        bits += 8 * frame.bytes.count
        messages[owner] = frame.bytes
        if owner != group.rank { counted.sentBytes += frame.bytes.count }
      }
      calls.append(group.startAllToAll(messages))
    }
    observer?.observe(frameBits: bits)
    return calls
  }

  /// Adds up what all sent of this rank's pieces, and publishes the means.
  private mutating func reduceOwn(
    _ scattered: [PendingCall], step: UInt64, times: inout ExchangeTimes
  ) throws(ExchangeError) -> [PendingCall] {
    var calls: [PendingCall] = []
    for (round, call) in zip(order, scattered) {
      let waiting = ContinuousClock.now
      let frames = try call.result()
      times.exchange += seconds(since: waiting)

      let received = ContinuousClock.now
      var message: [UInt8] = []
      if var reader = codecs[round][group.rank], var publisher = publishers[round] {
        // Taken out, so that their memory is changed and not copied.
        (codecs[round][group.rank], publishers[round]) = (nil, nil)
        defer { (codecs[round][group.rank], publishers[round]) = (reader, publisher) }
        message = try publisher.mean(of: frames, readBy: &reader, step: step)
      }
      counted.sentBytes += message.count * (group.worldSize - 1)
      calls.append(group.startAllGather(message))
      times.decode += seconds(since: received)
    }
    return calls
  }

  /// Decodes the means of all pieces.
  private mutating func collect(
    _ gathered: [PendingCall], step: UInt64, times: inout ExchangeTimes, into mean: UnsafeMutableBufferPointer<Float>,
    tally: inout ExchangeTally
  ) throws(ExchangeError) {
    mean.update(repeating: 0)
    for (round, call) in zip(order, gathered) {
      let waiting = ContinuousClock.now
      let frames = try call.result()
      times.exchange += seconds(since: waiting)

      let received = ContinuousClock.now
      for (owner, piece) in layout.rounds[round].enumerated() where !piece.isEmpty {
        let workers = group.worldSize
        let header: FrameHeader?
        do {
          header = try codecs[round][owner]?.read(
            mean: frames[owner], step: step, owner: owner, workers: workers,
            into: UnsafeMutableBufferPointer(rebasing: mean[piece]))
        } catch {
          throw .frame(rank: owner, error)
        }
        tally.squaredNorms += header?.squaredNorm ?? 0
        tally.squaredChanges += header?.squaredChange ?? 0
      }
      times.decode += seconds(since: received)
    }
  }

  var own: [Float] {
    codecs.joined().reduce(into: []) { $0 += $1?.own ?? [] }
  }

  var traffic: TrafficReport {
    codecs.joined().reduce(into: counted) { if let codec = $1 { $0.add(partOf: codec.traffic) } }
  }

  func subtractOwn(from vector: UnsafeMutableBufferPointer<Float>) {
    for (pieces, codecs) in zip(layout.rounds, codecs) {
      for (piece, codec) in zip(pieces, codecs) {
        if let codec { subtract(codec.own, from: UnsafeMutableBufferPointer(rebasing: vector[piece])) }
      }
    }
  }

  mutating func adopt(_ plan: QuantizationPlan) {
    self.plan = plan
    for (round, pieces) in layout.rounds.enumerated() {
      for (owner, piece) in pieces.enumerated() {
        guard !piece.isEmpty else { continue }
        let part = plan.piece(piece, number: round * group.worldSize + owner)
        codecs[round][owner]?.adopt(part)
        if owner == group.rank { publishers[round]?.adopt(part) }
      }
    }
  }

  mutating func restore(own: [Float], traffic: TrafficReport) {
    counted = traffic
    for (round, pieces) in layout.rounds.enumerated() {
      for (owner, piece) in pieces.enumerated() {
        codecs[round][owner]?.restore(own: Array(own[piece]), traffic: TrafficReport(dimension: piece.count))
      }
    }
  }

  mutating func count(agreementBits: Int, sentBytes: Int) {
    counted.agreement += agreementBits
    counted.sentBytes += sentBytes
  }
}
