/// How far the generated images are from real ones.
public struct EvaluationRecord: LogRecord, Hashable {
  public static var kind: String? { "evaluation" }

  public var step: Int
  /// The Fréchet distance on principal coordinates of the pixels.
  public var pixelFrechet: Double
  /// The Fréchet distance on features of fixed random convolutions.
  public var featureFrechet: Double

  /// The distances after a step.
  public init(step: Int, pixelFrechet: Double, featureFrechet: Double) {
    self.step = step
    self.pixelFrechet = pixelFrechet
    self.featureFrechet = featureFrechet
  }
}

/// How far other real images are from the real ones: the distances that no generator can be expected to beat.
public struct FloorRecord: LogRecord, Hashable {
  public static var kind: String? { "floor" }

  public var step: Int
  /// The distance of ``EvaluationRecord/pixelFrechet`` between two sets of real images.
  public var pixelFrechet: Double
  /// The distance of ``EvaluationRecord/featureFrechet`` between two sets of real images.
  public var featureFrechet: Double

  /// The distances between real images, known before the first step.
  public init(step: Int = 0, pixelFrechet: Double, featureFrechet: Double) {
    self.step = step
    self.pixelFrechet = pixelFrechet
    self.featureFrechet = featureFrechet
  }
}
