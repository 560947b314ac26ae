/// The wall-clock seconds that a rank spent in the parts of its exchanges.
public struct ExchangeTimes: Hashable, Sendable {
  /// Quantizing, coding and framing.
  public var encode = 0.0
  /// In the collective: waiting for peers and moving bytes.
  public var exchange = 0.0
  /// Checking, decoding and adding the frames of all ranks.
  public var decode = 0.0
  /// Pooling statistics, adapting levels and agreeing on them.
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

/// Adds the time that `body` takes to `total`.
func timed<Output, Failure: Error>(
  _ total: inout Double, _ body: () throws(Failure) -> Output
) throws(Failure) -> Output {
  let start = ContinuousClock.now
  defer {
    let elapsed = start.duration(to: .now).components
    total += Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }
  return try body()
}
