/// What one step of training did.
public struct StepRecord: LogRecord, Hashable {
  public static var kind: String? { "step" }

  /// What the frames of a step spent on the layers of one type, in bits of one worker.
  public struct Traffic: Hashable, Sendable, Codable {
    /// Norms of buckets.
    public var norms: Double
    /// Coded symbols and signs, and coordinates that travel exactly.
    public var symbols: Double
    /// Headers, padding and tallies.
    public var overhead: Double

    /// Bits by what they are spent on.
    public init(norms: Double, symbols: Double, overhead: Double) {
      self.norms = norms
      self.symbols = symbols
      self.overhead = overhead
    }
  }

  public var step: Int
  /// The generator's loss on worker 0's batch.
  public var lossGenerator: Double
  /// The critic's loss on worker 0's batch.
  public var lossCritic: Double
  /// Bytes that worker 0 sent in this step, everything counted.
  public var bytes: Double
  /// `8 * bytes` over the number of coordinates.
  public var bitsPerCoordinate: Double
  /// ‖V̂ − V‖²/‖V‖² of worker 0's dual vector; nil at full precision.
  public var normalizedError: Double?
  /// Bits by layer type; empty at full precision.
  public var traffic: [String: Traffic]
  /// Buckets that travelled exactly because a coordinate was not finite or the norm was extreme.
  public var exactBuckets: Int?
  /// Messages of all workers that arrived damaged and were sent again; nil for none.
  public var resentMessages: Int?

  /// A step's figures.
  ///
  /// - Parameters:
  ///   - step: The step, from 1.
  ///   - lossGenerator: The generator's loss on worker 0's batch.
  ///   - lossCritic: The critic's loss on worker 0's batch.
  ///   - bytes: Bytes that worker 0 sent.
  ///   - bitsPerCoordinate: `8 * bytes` over the number of coordinates.
  ///   - normalizedError: The relative squared error of the dual vector, if quantized.
  ///   - traffic: Bits of a worker by layer type.
  ///   - exactBuckets: Buckets that travelled exactly because of their values.
  ///   - resentMessages: Messages of all workers that were sent again, if any.
  public init(
    step: Int, lossGenerator: Double, lossCritic: Double, bytes: Double, bitsPerCoordinate: Double,
    normalizedError: Double? = nil, traffic: [String: Traffic] = [:], exactBuckets: Int? = nil,
    resentMessages: Int? = nil
  ) {
    self.step = step
    self.lossGenerator = lossGenerator
    self.lossCritic = lossCritic
    self.bytes = bytes
    self.bitsPerCoordinate = bitsPerCoordinate
    self.normalizedError = normalizedError
    self.traffic = traffic
    self.exactBuckets = exactBuckets
    self.resentMessages = resentMessages
  }
}
