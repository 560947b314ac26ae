import Collectives

/// A dual vector that is still being computed, whose parts are handed over as they become ready.
///
/// An exchange of it encodes and sends what is there while the rest is computed: layer by layer in a frame of an
/// all-gather, piece by piece from the last to the first in a scatter-reduce, as backward passes have the last layers
/// first. Norms and scales of the whole vector, and ``NonFinitePolicy/stop``, need all of it before anything is sent. The
/// time that an exchange waits counts as encoding in its ``ExchangeTimes``.
public final class PendingVector: @unchecked Sendable {
  // Unchecked: every coordinate is written once, before the monitor says that it is there, and only read from then on.
  /// The number of coordinates.
  public var dimension: Int { memory.count }
  private let memory: UnsafeMutableBufferPointer<Float>
  private let isOwner: Bool
  private let progress = Monitor(Progress())

  private struct Progress {
    /// The coordinates that are there, ascending, no two ranges touching.
    var ready: [Range<Int>] = []
    var isAbandoned = false

    func holds(_ range: Range<Int>) -> Bool {
      range.isEmpty || ready.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
    }

    /// Takes a range, unless parts of it were there.
    mutating func add(_ range: Range<Int>) -> Bool {
      guard !ready.contains(where: { $0.overlaps(range) }) else { return false }
      let touching = ready.filter { $0.upperBound == range.lowerBound || $0.lowerBound == range.upperBound }
      let joined = touching.reduce(range) {
        min($0.lowerBound, $1.lowerBound)..<max($0.upperBound, $1.upperBound)
      }
      ready.removeAll { touching.contains($0) }
      ready.insert(joined, at: ready.firstIndex { $0.lowerBound > joined.lowerBound } ?? ready.endIndex)
      return true
    }
  }

  /// A vector of which nothing is there.
  public init(dimension: Int) {
    precondition(dimension >= 0, "A vector has 0 coordinates or more, not \(dimension)")
    memory = .allocate(capacity: dimension)
    memory.initialize(repeating: 0)
    isOwner = true
  }

  /// A vector in memory of the caller, who writes its coordinates there before they are ``handOver(_:)``'d.
  ///
  /// - Parameter memory: Outlives the vector.
  package init(borrowing memory: UnsafeMutableBufferPointer<Float>) {
    self.memory = memory
    isOwner = false
  }

  deinit { if isOwner { memory.deallocate() } }

  /// Hands coordinates over, from any thread.
  ///
  /// - Parameters:
  ///   - values: The coordinates, which are copied.
  ///   - start: The place of the first of them. No coordinate may be handed over twice.
  public func fill(_ values: [Float], at start: Int) {
    let range = start..<start + values.count
    precondition(start >= 0 && range.upperBound <= dimension, "The vector has no coordinates \(range)")
    for i in values.indices { memory[start + i] = values[i] }
    precondition(handOver(range), "The coordinates \(range) are handed over twice")
  }

  /// Hands over coordinates that are in their places, from any thread.
  ///
  /// - Parameter range: A range of coordinates, within the vector.
  /// - Returns: Whether they were still missing; where some were not, none is handed over.
  package func handOver(_ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return true }
    return progress.update { progress, isNews in
      isNews = progress.add(range)
      return isNews
    }
  }

  /// Begins another vector in the same memory, once no exchange uses this one.
  package func restart() {
    progress.update { progress, _ in progress = Progress() }
  }

  /// Says that the rest will not come: the exchange of the vector ends with ``ExchangeError/abandoned``.
  public func abandon() {
    progress.update { progress, isNews in
      progress.isAbandoned = true
      isNews = true
    }
  }

  /// Waits until the coordinates of `range` are there.
  func wait(for range: Range<Int>) throws(ExchangeError) {
    let isThere = progress.wait { $0.holds(range) ? true : $0.isAbandoned ? false : nil }
    if !isThere { throw .abandoned }
  }

  /// The coordinates, of which those are to be read that were waited for.
  var values: UnsafeBufferPointer<Float> { UnsafeBufferPointer(memory) }
}
