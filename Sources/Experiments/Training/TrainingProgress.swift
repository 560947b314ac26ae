/// How far a training run is, for people who wait.
public struct TrainingProgress: Sendable {
  /// Steps done.
  public let step: Int
  /// Steps of the whole run.
  public let steps: Int
  /// Seconds since the run or its resumption began.
  public let elapsed: Double
  /// Steps done since then.
  public let stepsHere: Int
  /// The critic's estimate of the Wasserstein distance on worker 0's last batch.
  public let wasserstein: Double
  /// Bits per coordinate of everything sent so far.
  public let bitsPerCoordinate: Double
  /// The last Fréchet distances of pixels and features, nil before the first evaluation.
  public let frechet: (pixels: Double, features: Double)?
}
