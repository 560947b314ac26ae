internal import CLamina
import GradientExchange
import Synchronization
import WireFormat

/// An exchange behind an opaque pointer.
///
/// Coordinates are handed over while another thread has the exchange: the vector has a lock of its own.
final class ExchangeHandle: Referable {
  private let turn: Mutex<ExchangeTurn>
  private let vector: BorrowedVector
  private let feedback: ErrorFeedback?

  init(_ exchange: QuantizedExchange<CallerTransport>, vector: UnsafeMutableBufferPointer<Float>, feeds: Bool) {
    feedback = feeds ? ErrorFeedback(dimension: vector.count) : nil
    self.vector = BorrowedVector(memory: vector)
    turn = Mutex(ExchangeTurn(exchange))
  }

  /// Hands over coordinates.
  func ready(start: Int, count: Int) throws(Failure) {
    let dimension = vector.memory.count
    guard start >= 0, count >= 0, start <= dimension, count <= dimension - start else {
      throw .argument("The vector has \(dimension) coordinates, not \(count) from \(start).")
    }
    let range = start..<start + count
    guard vector.claim(range) else { throw .argument("Some of the coordinates \(range) were handed over before.") }
    feedback?.compensate(range, of: vector.memory)
    _ = vector.pending.handOver(range)
  }

  func abandon() { vector.pending.abandon() }

  /// Replaces the vector by the mean; a failure ends the exchange.
  func average(step: UInt64) throws(Failure) -> ExchangeOutcome {
    try turn.withLock { (turn) throws(Failure) in
      if let failure = turn.failure { throw failure }
      let (times, traffic) = (turn.exchange.times, turn.exchange.traffic)
      do throws(ExchangeError) {
        let tally = try turn.exchange.average(vector.pending, step: step, into: vector.memory)
        try feedback?.learn(from: turn.exchange)
        vector.restart()
        return ExchangeOutcome(
          tally: tally, times: turn.exchange.times.since(times), traffic: turn.exchange.traffic.since(traffic),
          levelEpoch: turn.exchange.plan.levelEpoch)
      } catch {
        let failure = Failure(error)
        turn.failure = failure
        throw failure
      }
    }
  }

  /// Lends the exchange, unless it is over.
  func locked<Value: Sendable>(
    _ body: (inout QuantizedExchange<CallerTransport>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try turn.withLock { (turn) throws(Failure) in
      if let failure = turn.failure { throw failure }
      return try body(&turn.exchange)
    }
  }

  /// Goes on from what another exchange saved; the own vector stays.
  func restore(_ bytes: [UInt8]) throws(Failure) {
    try locked { (exchange) throws(Failure) in
      let state: ExchangeState
      do throws(ExchangeStateError) {
        state = try ExchangeState(decoding: bytes, own: exchange.state.own)
      } catch {
        throw Failure(error)
      }
      do throws(ExchangeError) { try exchange.restore(state) } catch { throw Failure(error) }
    }
  }

  /// A vector that the exchange remembers.
  func recalled(_ which: lamina_memory) throws(Failure) -> [Float] {
    let feedback = self.feedback
    return try locked { (exchange) throws(Failure) in
      switch which {
      case Failure.code(LAMINA_LAST): return exchange.state.own
      case Failure.code(LAMINA_RESIDUAL):
        guard let feedback else { throw .argument("The exchange has no error feedback.") }
        return feedback.values
      default: throw .argument("No vector has the number \(which).")
      }
    }
  }

  /// Replaces a vector that the exchange remembers.
  func remember(_ values: [Float], as which: lamina_memory) throws(Failure) {
    let dimension = vector.memory.count
    guard values.count == dimension else { throw Failure(.dimension(expected: dimension, found: values.count)) }
    let feedback = self.feedback
    try locked { (exchange) throws(Failure) in
      switch which {
      case Failure.code(LAMINA_LAST):
        var state = exchange.state
        state.own = values
        do throws(ExchangeError) { try exchange.restore(state) } catch { throw Failure(error) }
      case Failure.code(LAMINA_RESIDUAL):
        guard let feedback else { throw .argument("The exchange has no error feedback.") }
        feedback.values = values
      default: throw .argument("No vector has the number \(which).")
      }
    }
  }
}

/// An exchange, and why it is over.
private final class ExchangeTurn: @unchecked Sendable {
  // Unchecked: it belongs to one handle, behind its lock.
  var exchange: QuantizedExchange<CallerTransport>
  var failure: Failure?

  init(_ exchange: QuantizedExchange<CallerTransport>) { self.exchange = exchange }
}

/// What an exchange tells beside the mean.
struct ExchangeOutcome: Sendable {
  let tally: ExchangeTally
  let times: ExchangeTimes
  let traffic: TrafficReport
  let levelEpoch: UInt32
}

/// A vector in memory of the caller, whose coordinates are claimed before they are changed and handed over.
private final class BorrowedVector: @unchecked Sendable {
  // Unchecked: the memory is the caller's, who writes what was not handed over yet; what was, belongs to the exchange.
  let memory: UnsafeMutableBufferPointer<Float>
  let pending: PendingVector
  private let claims: PendingVector

  init(memory: UnsafeMutableBufferPointer<Float>) {
    self.memory = memory
    pending = PendingVector(borrowing: memory)
    claims = PendingVector(borrowing: memory)
  }

  func claim(_ range: Range<Int>) -> Bool { claims.handOver(range) }

  func restart() {
    claims.restart()
    pending.restart()
  }
}
