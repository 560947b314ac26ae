/// What one step of training did.
public struct StepRecord: LogRecord, Hashable {
  public static var kind: String? { "step" }

  /// What the frames of a step spent on the layers of one type, in bits of one worker.
  public struct Traffic: Hashable, Sendable, Codable {
    /// Norms of buckets, and coordinates that travel exactly.
    public var norms: Double
    /// Coded symbols and signs.
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
  /// The generator's loss, averaged over the workers.
  public var lossGenerator: Double
  /// The critic's loss, averaged over the workers.
  public var lossCritic: Double
  /// Bytes that a worker sent in this step, everything counted, averaged over the workers.
  public var bytes: Double
  /// `8 * bytes` over the number of coordinates.
  public var bitsPerCoordinate: Double
  /// The squared error of the quantized mean over the squared norm of the exact one; nil when it was not measured.
  public var normalizedError: Double?
  /// Bits by layer type; empty at full precision.
  public var traffic: [String: Traffic]

  /// A step's figures.
  ///
  /// - Parameters:
  ///   - step: The step, from 1.
  ///   - lossGenerator: The generator's loss, averaged over the workers.
  ///   - lossCritic: The critic's loss, averaged over the workers.
  ///   - bytes: Bytes that a worker sent, averaged over the workers.
  ///   - bitsPerCoordinate: `8 * bytes` over the number of coordinates.
  ///   - normalizedError: The relative squared error of the mean, if measured.
  ///   - traffic: Bits of a worker by layer type.
  public init(
    step: Int, lossGenerator: Double, lossCritic: Double, bytes: Double, bitsPerCoordinate: Double,
    normalizedError: Double? = nil, traffic: [String: Traffic] = [:]
  ) {
    self.step = step
    self.lossGenerator = lossGenerator
    self.lossCritic = lossCritic
    self.bytes = bytes
    self.bitsPerCoordinate = bitsPerCoordinate
    self.normalizedError = normalizedError
    self.traffic = traffic
  }
}
