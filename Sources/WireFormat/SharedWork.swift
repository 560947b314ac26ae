import Dispatch
import Synchronization

/// Pieces of work that several threads take from one counter.
package enum SharedWork {
  /// Runs `body` once for every piece, on up to `threads` threads at a time; returns when all are done.
  ///
  /// - Parameters:
  ///   - count: How many pieces there are.
  ///   - threads: How many workers share them, at least 1; with one, the caller does them in order.
  ///   - body: Is given the number of the worker, which no two threads have at once, and that of the piece.
  package static func perform(count: Int, threads: Int, _ body: @Sendable (_ worker: Int, _ piece: Int) -> Void) {
    let workers = min(threads, count)
    if workers <= 1 {
      for piece in 0..<count { body(0, piece) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      var piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      while piece < count {
        body(worker, piece)
        piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      }
    }
  }
}

/// How often something went wrong, counted by several threads.
final class FailureCount: Sendable {
  private let count = Atomic(0)

  var isZero: Bool { count.load(ordering: .relaxed) == 0 }

  func add() { count.wrappingAdd(1, ordering: .relaxed) }
}
