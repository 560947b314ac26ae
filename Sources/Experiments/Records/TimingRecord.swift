/// Where the seconds of a step went, as worker 0 saw it.
public struct TimingRecord: LogRecord, Hashable {
  public static var kind: String? { nil }

  public var step: Int
  /// Seconds in the oracle: forward and backward passes.
  public var compute: Double
  /// Seconds of quantizing and coding, level updates included.
  public var encode: Double
  /// Seconds in the collective, waiting included.
  public var exchange: Double
  /// Seconds of decoding and summing.
  public var decode: Double
  /// Seconds of the solver's own arithmetic.
  public var solver: Double
  /// Seconds of the whole step.
  public var total: Double
  /// The largest resident memory of the process so far, in bytes.
  public var peakMemory: Int?

  /// The seconds of a step.
  ///
  /// - Parameters:
  ///   - step: The step, from 1.
  ///   - compute: Seconds in the oracle.
  ///   - encode: Seconds of quantizing and coding.
  ///   - exchange: Seconds in the collective.
  ///   - decode: Seconds of decoding and summing.
  ///   - solver: Seconds of the solver's own arithmetic.
  ///   - total: Seconds of the whole step.
  ///   - peakMemory: The largest resident memory so far, in bytes.
  public init(
    step: Int, compute: Double, encode: Double, exchange: Double, decode: Double, solver: Double, total: Double,
    peakMemory: Int? = nil
  ) {
    self.step = step
    self.compute = compute
    self.encode = encode
    self.exchange = exchange
    self.decode = decode
    self.solver = solver
    self.total = total
    self.peakMemory = peakMemory
  }
}
