import VariationalInequalities

/// The solvers that can be chosen by name.
public enum SolveMethod: String, Sendable, CaseIterable {
  case qoda
  case qgenx
  case qgenxDualAveraging = "qgenx-da"
  case qgenxOptimistic = "qgenx-optimistic"
  case extragradient
  case popov
  case optda
  case optimisticGradient = "optimistic-gradient"
  case dualAveraging = "dual-averaging"
  case gradientDescentAscent = "gda"
  case adam
  case optimisticAdam = "optimistic-adam"
  case extraAdam = "extra-adam"

  /// The step sizes where none are asked for.
  public var defaultSteps: SolveSteps {
    switch self {
    case .qoda, .extragradient, .popov, .qgenx, .qgenxDualAveraging, .qgenxOptimistic, .dualAveraging:
      .adaptive(scale: 1, leadingConstant: 1)
    case .optda: .separated(exponent: 0.25, scale: 1, leadingConstant: 1)
    case .optimisticGradient, .gradientDescentAscent: .constant(lookahead: 0.1, anchor: 0.1)
    case .adam, .optimisticAdam, .extraAdam: .constant(lookahead: 0.01, anchor: 0.01)
    }
  }

  /// Whether the solver knows this rule.
  public func accepts(_ steps: SolveSteps) -> Bool {
    switch self {
    case .qoda, .optda, .extragradient, .popov: true
    case .qgenx, .qgenxDualAveraging, .qgenxOptimistic, .dualAveraging:
      if case .adaptive = steps { true } else { false }
    case .optimisticGradient, .gradientDescentAscent, .adam, .optimisticAdam, .extraAdam:
      if case .constant(let lookahead, let anchor) = steps { lookahead == anchor } else { false }
    }
  }
}

/// A rule for step sizes with its constants.
public enum SolveSteps: Hashable, Sendable {
  /// Equation (4): one step, from the variation of the dual vectors.
  case adaptive(scale: Double, leadingConstant: Double)
  /// The rule (Alt): two steps.
  case separated(exponent: Double, scale: Double, leadingConstant: Double)
  /// Constants.
  case constant(lookahead: Double, anchor: Double)
  /// Powers of t.
  case power(lookahead: Double, anchor: Double)
}

/// Work that is done with a solver whose type only the run knows.
protocol SolverVisitor {
  associatedtype Output
  func visit<S: Solver>(_ solver: S) throws -> Output
}

/// Work that is done with a step-size rule whose type only the run knows.
private protocol StepsVisitor {
  associatedtype Output
  func visit<Steps: StepSizes>(_ steps: Steps) throws -> Output
}

extension SolveMethod {
  /// Hands the solver to `visitor`, in its own type, so that the loop is compiled for it.
  func visit<Visitor: SolverVisitor>(_ steps: SolveSteps, with visitor: Visitor) throws -> Visitor.Output {
    precondition(accepts(steps), "\(rawValue) has no such step sizes")
    switch self {
    case .qoda, .optda: return try steps.visit(with: QODAVisitor(next: visitor))
    case .popov: return try steps.visit(with: PopovVisitor(next: visitor))
    case .extragradient: return try steps.visit(with: ExtragradientVisitor(next: visitor))
    case .qgenx: return try visitor.visit(QGenX(.dualExtrapolation, steps))
    case .qgenxDualAveraging: return try visitor.visit(QGenX(.dualAveraging, steps))
    case .qgenxOptimistic: return try visitor.visit(QGenX(.optimistic, steps))
    case .dualAveraging:
      let (scale, leading) = steps.adaptiveConstants
      return try visitor.visit(DualAveraging(scale: scale, leadingConstant: leading))
    case .optimisticGradient: return try visitor.visit(OptimisticGradient(step: steps.constant))
    case .gradientDescentAscent: return try visitor.visit(GradientDescentAscent(step: steps.constant))
    case .adam: return try visitor.visit(Adam(steps.adamRule))
    case .optimisticAdam: return try visitor.visit(OptimisticAdam(steps.adamRule))
    case .extraAdam: return try visitor.visit(ExtraAdam(steps.adamRule))
    }
  }
}

extension SolveSteps {
  fileprivate func visit<Visitor: StepsVisitor>(with visitor: Visitor) throws -> Visitor.Output {
    switch self {
    case .adaptive(let scale, let leading):
      try visitor.visit(AdaptiveSteps(scale: scale, leadingConstant: leading))
    case .separated(let exponent, let scale, let leading):
      try visitor.visit(SeparatedSteps(exponent: exponent, scale: scale, leadingConstant: leading))
    case .constant(let lookahead, let anchor):
      try visitor.visit(ConstantSteps(lookahead: lookahead, anchor: anchor))
    case .power(let lookahead, let anchor):
      try visitor.visit(PowerSteps(lookahead: lookahead, anchor: anchor))
    }
  }

  /// η₀ and λ₀ of solvers with a rule of their own.
  fileprivate var adaptiveConstants: (scale: Double, leadingConstant: Double) {
    if case .adaptive(let scale, let leading) = self { (scale, leading) } else { (1, 1) }
  }

  /// The step size of solvers with one constant.
  fileprivate var constant: Double {
    if case .constant(_, let anchor) = self { anchor } else { 0.1 }
  }

  fileprivate var adamRule: AdamRule { AdamRule(learningRates: LearningRates(constant)) }
}

extension QGenX {
  fileprivate init(_ instance: Instance, _ steps: SolveSteps) {
    let (scale, leading) = steps.adaptiveConstants
    self.init(instance, scale: scale, leadingConstant: leading)
  }
}

private struct QODAVisitor<Next: SolverVisitor>: StepsVisitor {
  let next: Next
  func visit<Steps: StepSizes>(_ steps: Steps) throws -> Next.Output {
    try next.visit(OptimisticDualAveraging(steps: steps))
  }
}

private struct PopovVisitor<Next: SolverVisitor>: StepsVisitor {
  let next: Next
  func visit<Steps: StepSizes>(_ steps: Steps) throws -> Next.Output { try next.visit(PopovGradient(steps: steps)) }
}

private struct ExtragradientVisitor<Next: SolverVisitor>: StepsVisitor {
  let next: Next
  func visit<Steps: StepSizes>(_ steps: Steps) throws -> Next.Output { try next.visit(Extragradient(steps: steps)) }
}
