import VariationalInequalities

/// The method of a run, with its settings.
public struct SolverSpec: Codable, Hashable, Sendable {
  /// The methods that can train a GAN.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Past-extra Adam: one exchange a step.
    case optimisticAdam = "optimistic-adam"
    /// QODA, arXiv 2505.14371: one exchange a step.
    case qoda
    /// Q-GenX by dual extrapolation, arXiv 2308.09187: two exchanges a step.
    case qgenx
    /// Q-GenX in its optimistic instance: one exchange a step.
    case qgenxOptimistic = "qgenx-optimistic"
    /// ExtraAdam, arXiv 1802.10551: two exchanges a step.
    case extraAdam = "extra-adam"
    /// Simultaneous Adam: one exchange a step.
    case adam
  }

  /// The step sizes of QODA.
  public enum StepRule: Codable, Hashable, Sendable {
    /// Eq. (4).
    case adaptive
    /// (Alt), with q̂ = ¼.
    case separated
    /// γ = η = this.
    case constant(Double)
  }

  /// The method.
  public var kind = Kind.optimisticAdam
  /// The learning rate of the generator, for the Adam forms.
  public var generatorRate = 1e-3
  /// The learning rate of the critic, for the Adam forms.
  public var criticRate = 1e-3
  /// The decay of the mean, for the Adam forms.
  public var firstDecay = 0.5
  /// The decay of the mean square, for the Adam forms.
  public var secondDecay = 0.9
  /// The step sizes, for QODA.
  public var steps = StepRule.adaptive
  /// η₀, for QODA and Q-GenX; nil for ``stepScale``.
  public var scale: Double?
  /// λ₀, for QODA and Q-GenX; nil for ``stepLeadingConstant``.
  public var leadingConstant: Double?

  /// Optimistic Adam with the rates of Documentation/Reproducing.md.
  public init() {}

  /// Messages that every worker sends in a step.
  public var exchangesPerStep: Int { kind == .qgenx || kind == .extraAdam ? 2 : 1 }

  /// η₀ in force: by default first steps of 0.0025, or of 0.08 under (Alt), whose root is another. Q-GenX steps are K times
  /// as long by its rule, hence a quarter for the usual four workers.
  public var stepScale: Double { scale ?? (usesAlternativeRule ? 0.8 : kind == .qoda ? 8 : 2) }

  /// λ₀ in force: by default large beside the sums of the first hundreds of steps, which then change the steps little.
  public var stepLeadingConstant: Double { leadingConstant ?? (usesAlternativeRule ? 1e4 : 1e7) }

  private var usesAlternativeRule: Bool { kind == .qoda && steps == .separated }

  func adamRule(for players: (generator: Range<Int>, critic: Range<Int>)) -> AdamRule {
    AdamRule(
      learningRates: LearningRates([(players.generator, generatorRate), (players.critic, criticRate)]),
      firstDecay: firstDecay, secondDecay: secondDecay)
  }
}

/// A computation that works with any solver.
protocol SolverUser {
  associatedtype Output
  func use<S: Solver>(_ solver: S) throws -> Output
}

extension SolverSpec {
  /// Makes the solver and hands it to `user`: the one place where a name becomes a type.
  func dispatch<User: SolverUser>(
    _ user: User, players: (generator: Range<Int>, critic: Range<Int>)
  ) throws -> User.Output {
    switch kind {
    case .optimisticAdam: return try user.use(OptimisticAdam(adamRule(for: players)))
    case .extraAdam: return try user.use(ExtraAdam(adamRule(for: players)))
    case .adam: return try user.use(Adam(adamRule(for: players)))
    case .qgenx:
      return try user.use(QGenX(.dualExtrapolation, scale: stepScale, leadingConstant: stepLeadingConstant))
    case .qgenxOptimistic:
      return try user.use(QGenX(.optimistic, scale: stepScale, leadingConstant: stepLeadingConstant))
    case .qoda:
      switch steps {
      case .adaptive:
        let rule = AdaptiveSteps(scale: stepScale, leadingConstant: stepLeadingConstant)
        return try user.use(OptimisticDualAveraging(steps: rule))
      case .separated:
        let rule = SeparatedSteps(scale: stepScale, leadingConstant: stepLeadingConstant)
        return try user.use(OptimisticDualAveraging(steps: rule))
      case .constant(let step):
        return try user.use(OptimisticDualAveraging(steps: ConstantSteps(step)))
      }
    }
  }
}
