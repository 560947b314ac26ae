/// When levels are updated, and which steps are observed for it: the set U of arXiv 2505.14371, Algorithm 1.
///
/// Updates happen before the exchanges of `early` and of every multiple of `interval`; the `window` exchanges before
/// each are observed.
public struct LevelSchedule: Hashable, Sendable, Codable {
  /// Updates in the first phase, when gradients change fast.
  public let early: [UInt64]
  /// Exchanges between two updates afterwards.
  public let interval: UInt64
  /// Exchanges that are observed before an update.
  public let window: UInt64

  /// A schedule.
  ///
  /// - Parameters:
  ///   - early: Exchanges, counted from 0, before which levels are updated.
  ///   - interval: At least 1.
  ///   - window: At least 1.
  public init(early: [UInt64] = [1, 5, 20, 50], interval: UInt64 = 100, window: UInt64 = 1) {
    precondition(interval >= 1 && window >= 1, "The interval and the window of a schedule are at least 1")
    self.early = early
    self.interval = interval
    self.window = window
  }

  /// The schedule for dithered steps: their rate follows the relative scale of the layers, which changes faster than the
  /// shape of a law, so that updates are closer and look at more exchanges.
  public static let steps = LevelSchedule(early: [1, 3, 6, 12, 25], interval: 50, window: 10)

  /// Whether the levels are updated before exchange `step`.
  public func isUpdate(_ step: UInt64) -> Bool {
    step > 0 && (early.contains(step) || step % interval == 0)
  }

  /// Whether exchange `step` is observed.
  public func isObserved(_ step: UInt64) -> Bool {
    (1...window).contains { isUpdate(step + $0) }
  }
}

extension LevelSchedule {
  /// Reads a schedule in which any part may be missing, and then has its default.
  ///
  /// - Parameter decoder: The source.
  /// - Throws: A `DecodingError`, also where the interval or the window is 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let usual = LevelSchedule()
    let interval = try container.decodeIfPresent(UInt64.self, forKey: .interval) ?? usual.interval
    let window = try container.decodeIfPresent(UInt64.self, forKey: .window) ?? usual.window
    for (key, value) in [(CodingKeys.interval, interval), (.window, window)] where value < 1 {
      throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "at least 1 is needed")
    }
    self.init(
      early: try container.decodeIfPresent([UInt64].self, forKey: .early) ?? usual.early, interval: interval,
      window: window)
  }
}
