/// The wall-clock seconds that a rank spent in the parts of its exchanges.
public struct ExchangeTimes: Hashable, Sendable {
  /// Quantizing, coding and framing.
  public var encode = 0.0
  /// In the collective: waiting for peers and moving bytes.
  public var exchange = 0.0
  /// Checking, decoding and adding the frames of all ranks.
  public var decode = 0.0
  /// Pooling statistics and adapting levels to them.
  public var agree = 0.0

  /// No time.
  public init() {}

  /// The time since `earlier`.
  ///
  /// - Parameter earlier: Times of the same exchange, taken before.
  /// - Returns: The difference.
  public func since(_ earlier: ExchangeTimes) -> ExchangeTimes {
    var difference = self
    difference.encode -= earlier.encode
    difference.exchange -= earlier.exchange
    difference.decode -= earlier.decode
    difference.agree -= earlier.agree
    return difference
  }
}

/// Seconds since `start`.
func seconds(since start: ContinuousClock.Instant) -> Double {
  let elapsed = start.duration(to: .now).components
  return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
}
