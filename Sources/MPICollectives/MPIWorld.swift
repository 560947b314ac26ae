import Collectives

/// Runs `body` as one of the workers that the launcher started, between the start and the end of MPI.
///
/// ```swift
/// let sum = try withMPI { group in
///   try group.allGather([UInt8(group.rank)]).reduce(0) { $0 + Int($1[0]) }
/// }  // 6 on each of four ranks
/// ```
///
/// MPI starts once in the life of a process: so may this function. A worker whose body returns or throws waits for the
/// others; what they still call throws `CollectiveError.peerLost(rank:cause:)` with the cause. Where a worker fell
/// silent, does not leave in time, or MPI reported an error, nothing is promised of MPI any more: it is not ended, which
/// could wait for ever, and the exit of this process ends all others. A worker that computes meanwhile, and so does not
/// come to know, is ended with its process.
///
/// - Parameters:
///   - limits: How long silence is borne.
///   - report: Is told once of an error and of this worker's rank, before its peers are let go, from any thread. That
///     is the place to print it: once the first worker has failed, a launcher ends the others.
///   - body: The work of this rank. Its argument must not be used after it returns.
/// - Returns: What `body` returned.
/// - Throws: What `body` threw; `CollectiveError.unavailable` when the package was built without the trait `MPI`;
///   `CollectiveError.incompatible(rank:reason:)` where a worker was built to speak otherwise;
///   `CollectiveError.transport(code:message:)` when MPI could not start.
public func withMPI<Output>(
  limits: MPILimits = MPILimits(), report: @escaping @Sendable (any Error, Int) -> Void = { _, _ in },
  _ body: (MPICollective) throws -> Output
) throws -> Output {
  let world = try MPIWorld(limits: limits, report: report)
  do {
    try world.greet()
    let output = try body(MPICollective(world: world))
    try world.leave()
    return output
  } catch {
    world.leave(after: error)
    throw error
  }
}

/// MPI in this process, from its start to its end.
///
/// A caller that waits moves the messages on itself, without a change of threads; while it computes, a thread of this
/// world does, and sends the heartbeats.
final class MPIWorld: @unchecked Sendable {
  // Unchecked: all that changes is touched under the lock only.
  let rank: Int
  let worldSize: Int
  private let limits: MPILimits
  private let report: @Sendable (any Error, Int) -> Void
  private let lock = ProgressLock()
  private let engine: MPIEngine
  /// How often a waiting caller looks again without rest: seldom where others need the core that it runs on.
  private let turns: Int
  private var thread: RankThread?
  private var waiters = 0
  private var isOver = false
  /// Whether the caller knows that the group failed, and has it in hand what becomes of it.
  private var hasCallerNoticed = false
  private var isReported = false

  /// The seconds that peers are given to say goodbye once one of them is lost, and twice those that a computing caller
  /// is given to notice.
  private static let grace = 2.0

  /// Starts MPI.
  init(limits: MPILimits, report: @escaping @Sendable (any Error, Int) -> Void) throws(CollectiveError) {
    let port = try MPIPort()
    rank = port.rank
    worldSize = port.worldSize
    self.limits = limits
    self.report = report
    turns = port.neighbours > Moment.cores ? 8 : 64
    engine = try MPIEngine(port: port, limits: limits)
    guard worldSize > 1 else { return }
    thread = RankThread(stackSize: 1 << 20) { self.serve() }
    guard thread != nil else { throw .unavailable }
  }

  /// Waits until every worker has said which protocol it speaks.
  func greet() throws(CollectiveError) {
    let hasSucceeded = moveOn { engine.failure != nil ? false : engine.hasMetAll ? true : nil }
    guard !hasSucceeded else { return }
    throw lock.locked { engine.failure } ?? .unavailable
  }

  /// Starts a call.
  func start(_ call: CollectiveCall, _ messages: [[UInt8]], pieceLength: Int?) -> PendingCall {
    let number = lock.locked {
      precondition(!engine.isLeaving, "A group of MPI workers ends with withMPI")
      let number = engine.start(call, messages, pieceLength: pieceLength)
      if engine.isMoving { lock.signal() }
      return number
    }
    return PendingCall { () throws(CollectiveError) in try self.wait(for: number) }
  }

  /// Adds numbers up over all processes, by MPI's own all-reduce.
  func addUp(_ values: inout [Float]) throws(CollectiveError) {
    try lock.locked { () throws(CollectiveError) in try engine.port.addUp(&values) }
  }

  private func wait(for number: Int) throws(CollectiveError) -> [[UInt8]] {
    let start = Moment.now
    let outcome = moveOn {
      if let outcome = engine.outcome(of: number) {
        if case .failure = outcome { hasCallerNoticed = true }
        return outcome
      }
      engine.losePatience(with: number, since: start, patience: limits.patience)
      return nil
    }
    return try outcome.get()
  }

  /// Waits until all workers are done, then ends MPI.
  func leave() throws(CollectiveError) {
    lock.locked { engine.sayGoodbye(cause: nil) }
    let failure: CollectiveError?? = moveOn { engine.failure.map { .some($0) } ?? (engine.isDone ? .some(nil) : nil) }
    if let failure = failure ?? nil { throw failure }
    close()
    try engine.port.finish()
  }

  /// Reports an error, tells the others why this worker leaves, and ends MPI if they leave as well, in time.
  func leave(after error: any Error) {
    tell(error)
    let start = Moment.now
    let isGood = moveOn {
      if !engine.isLeaving { engine.sayGoodbye(cause: CollectiveError.cause(of: error)) }
      if engine.isDone { return true }
      let patience = engine.lost.isEmpty ? limits.silence : min(limits.silence, Self.grace)
      return engine.isBroken || engine.isAlone && !engine.lost.isEmpty || Moment.now - start > patience ? false : nil
    }
    close()
    if isGood { do { try engine.port.finish() } catch { engine.port.abandon() } } else { engine.port.abandon() }
  }

  /// Reports an error, unless one has been reported; from then on the caller has the end in hand.
  private func tell(_ error: any Error) {
    let isNews = lock.locked {
      hasCallerNoticed = true
      defer { isReported = true }
      return !isReported
    }
    if isNews { report(error, rank) }
  }

  /// Ends the thread.
  private func close() {
    lock.locked {
      isOver = true
      lock.signal()
    }
    thread?.join()
  }

  /// Moves messages on until `body` returns something.
  private func moveOn<Result>(until body: () -> Result?) -> Result {
    lock.lock()
    waiters += 1
    defer {
      waiters -= 1
      if engine.isMoving { lock.signal() }
      lock.unlock()
    }
    var pause = Pause(turns: turns)
    while true {
      if let result = body() { return result }
      if engine.advance() { continue }
      let seconds = pause.next(isMoving: engine.isMoving)
      lock.unlock()
      Moment.rest(seconds: seconds)
      lock.lock()
    }
  }

  /// Moves messages on while nobody waits for them.
  private func serve() {
    lock.lock()
    defer { lock.unlock() }
    var pause = Pause(turns: 0)
    var failedAt: Double?
    while !isOver {
      if waiters == 0, engine.advance() { pause = Pause(turns: 0) }
      if waiters == 0, !hasCallerNoticed, let failure = engine.failure ?? engine.peerFailure {
        let start = failedAt ?? Moment.now
        failedAt = start
        // A peer that fails waits for the others as long as it bears silence.
        let patience = engine.failure == nil ? 0.8 * limits.silence : min(limits.silence, Self.grace) / 2
        if Moment.now - start > patience { end(after: failure) }
      }
      lock.wait(seconds: waiters > 0 ? Pause.longest : pause.next(isMoving: engine.isMoving))
    }
  }

  /// Ends the process of a worker that computes on after its group has failed; the lock is held for good.
  private func end(after failure: CollectiveError) -> Never {
    if !isReported { report(failure, rank) }
    engine.sayGoodbye(cause: nil)
    let start = Moment.now
    while !engine.isAlone && !engine.isBroken && Moment.now - start < min(limits.silence, Self.grace) / 2 {
      if !engine.advance() { Moment.rest(seconds: Pause.longest) }
    }
    engine.port.abort()
  }
}

/// How long to rest between two looks: not at all, then for a twentieth of the time waited so far.
private struct Pause {
  /// Also the delay with which a computing worker notices that a peer has begun to send.
  static let longest = 2e-3
  private static let shortest = 2e-5

  private var turns: Int
  private let start = Moment.now

  /// A wait that begins with `turns` looks without rest.
  init(turns: Int) { self.turns = turns }

  mutating func next(isMoving: Bool) -> Double {
    if turns > 0 {
      turns -= 1
      return 0
    }
    let share = (Moment.now - start) / 20
    return min(max(share, Self.shortest), isMoving ? 5e-5 : Self.longest)
  }
}
