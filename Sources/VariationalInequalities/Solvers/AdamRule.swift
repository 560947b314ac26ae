/// The constants of Adam, shared by its three solvers.
public struct AdamRule: Hashable, Sendable, Codable {
  /// The learning rate of every coordinate.
  public let learningRates: LearningRates

  /// β₁, the decay of the mean.
  public let firstDecay: Double

  /// β₂, the decay of the mean square.
  public let secondDecay: Double

  /// ε, added to the root of the mean square.
  public let epsilon: Double

  /// Adam with the given constants; the defaults are those of Wasserstein GANs.
  ///
  /// - Parameters:
  ///   - learningRates: The learning rate of every coordinate.
  ///   - firstDecay: β₁ in [0, 1).
  ///   - secondDecay: β₂ in [0, 1).
  ///   - epsilon: ε > 0, in units of the dual vector.
  public init(
    learningRates: LearningRates, firstDecay: Double = 0.5, secondDecay: Double = 0.9, epsilon: Double = 1e-8
  ) {
    precondition(firstDecay >= 0 && firstDecay < 1, "The decay of the mean lies in [0, 1)")
    precondition(secondDecay >= 0 && secondDecay < 1, "The decay of the mean square lies in [0, 1)")
    precondition(epsilon > 0 && epsilon.isFinite, "Epsilon must be positive")
    self.learningRates = learningRates
    self.firstDecay = firstDecay
    self.secondDecay = secondDecay
    self.epsilon = epsilon
  }
}
