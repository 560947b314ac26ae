/// Limits how many threads compute at the same time.
///
/// Rank threads pass the gate around their computation and leave it before they wait for one another. Threads are
/// admitted in the order in which they came, so none is overtaken. Results never depend on the gate: it changes when
/// things are computed, not what.
///
/// Inside ``run(_:)`` call collectives through a ``GatedCollective`` only, and do not enter the gate again: the peers
/// that are waited for may be waiting at the gate.
public final class ComputeGate: Sendable {
  /// How many threads may compute at the same time.
  public let limit: Int

  private struct Line {
    var came = 0
    var left = 0
  }

  private let line = Monitor(Line())

  /// An open gate.
  ///
  /// - Parameter limit: At least 1.
  public init(limit: Int) {
    precondition(limit >= 1, "A gate lets at least one thread compute")
    self.limit = limit
  }

  /// Computes when it is this thread's turn.
  ///
  /// - Parameter body: The computation.
  /// - Returns: What `body` returned.
  /// - Throws: What `body` threw.
  public func run<Output, Failure: Error>(_ body: () throws(Failure) -> Output) throws(Failure) -> Output {
    enter()
    defer { leave() }
    return try body()
  }

  /// Takes the next number, and waits until fewer than `limit` with smaller numbers are left.
  func enter() {
    let number = line.update { line, _ in
      line.came += 1
      return line.came
    }
    line.wait(until: { $0.left + limit >= number })
  }

  /// Makes room for the next.
  func leave() {
    line.update { line, isNews in
      line.left += 1
      isNews = true
    }
  }
}
