import Foundation

/// A line on stderr that tells how far a long command is, how fast, and how long it will still take.
///
/// It appears after two seconds, so that short commands stay silent, and is drawn at most five times a second.
final class ProgressLine: @unchecked Sendable {
  // Unchecked: the state is touched under the lock only.
  private let lock = NSLock()
  private let unit: String
  private let isShown: Bool
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  /// When something was first done, and how much then: what comes before is preparation, and tells no rate.
  private var first: (time: ContinuousClock.Instant, here: Int)?
  private var width = 0

  /// A line that is not drawn yet.
  ///
  /// - Parameters:
  ///   - unit: What is counted, in the plural.
  ///   - isShown: Whether to draw at all.
  init(unit: String, isShown: Bool) {
    self.unit = unit
    self.isShown = isShown
  }

  /// Draws the line if it is time.
  ///
  /// - Parameters:
  ///   - done: What is done, of `total`.
  ///   - total: What there is to do.
  ///   - here: How much of `done` this line has seen, where the work began earlier.
  ///   - note: What else to show.
  func update(_ done: Int, of total: Int, here: Int? = nil, note: String? = nil) {
    lock.lock()
    defer { lock.unlock() }
    let now = ContinuousClock.now
    if first == nil { first = (now, here ?? done) }
    guard isShown else { return }
    let elapsed = seconds(start.duration(to: now))
    guard elapsed >= 2, lastDrawn.map({ seconds($0.duration(to: now)) >= 0.2 }) ?? true else { return }
    lastDrawn = now
    let line = text(done, of: total, here: here ?? done, at: now, note: note)
    StandardError.write("\r" + line + String(repeating: " ", count: max(0, width - line.count)))
    width = line.count
  }

  /// Writes a line that stays, for a log; ``update(_:of:here:note:)`` has been told of the same state.
  func log(_ done: Int, of total: Int, here: Int? = nil, note: String? = nil) {
    lock.lock()
    defer { lock.unlock() }
    StandardError.write("lamina: " + text(done, of: total, here: here ?? done, at: .now, note: note) + "\n")
  }

  private func text(
    _ done: Int, of total: Int, here: Int, at now: ContinuousClock.Instant, note: String?
  ) -> String {
    let (begin, before) = first ?? (start, 0)
    let line = Self.text(
      done: done, here: here - before, total: total, elapsed: seconds(begin.duration(to: now)), unit: unit)
    return line + (note.map { " · " + $0 } ?? "")
  }

  /// Removes the line.
  func finish() {
    lock.lock()
    defer { lock.unlock() }
    if width > 0 { StandardError.write("\r" + String(repeating: " ", count: width) + "\r") }
    width = 0
  }

  /// The line after `elapsed` seconds in which `here` of `done` were made.
  private static func text(done: Int, here: Int, total: Int, elapsed: Double, unit: String) -> String {
    let rate = Double(here) / max(elapsed, 1e-9)
    let share = total > 0 ? 100 * done / total : 100
    let line = "\(done) of \(total) \(unit) (\(share) %)"
    guard rate > 0 else { return line }
    return line + ", \(Figure.short(rate)) \(unit)/s, \(Figure.time(Double(total - done) / rate)) left"
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
