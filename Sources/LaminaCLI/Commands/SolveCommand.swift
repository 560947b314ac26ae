import ArgumentParser
import Experiments
import GradientExchange
import Quantization
import VariationalInequalities
import WireFormat

/// `lamina solve`.
struct SolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve",
    abstract: "Solve a variational inequality with workers that exchange few bits.",
    discussion: """
      Every worker has its own noise, and is a thread or, with --transport mpi, a process; all send the dual vectors of \
      each step through the same frames, and the command fails unless all hold the same iterates, bit for bit.

      PROBLEMS
        bilinear                20 coordinates
        rotation                A = [[0, 1], [-1, 0]] from (1, 0.5)
        quadratic
        robust-least-squares
        heterogeneous-affine    workers disagree
        dirac
        rock-paper-scissors
        policeman-burglar
        kelly                   2, 4 or 100 bidders
        covariance              2n² coordinates
      SOLVERS
        qoda                    one message a step
        qgenx                   dual extrapolation: two messages a step
        qgenx-da, qgenx-optimistic, extragradient, popov, optda,
        optimistic-gradient, dual-averaging, gda, adam, optimistic-adam,
        extra-adam
      STEP SIZES
        adaptive                eq. (4)
        separated               (Alt), the default of optda
        constant:C, power:C     gda and optimistic-gradient take constant:C (0.1),
                                the Adam family a learning rate constant:C (0.01);
                                Q-GenX and dual averaging adapt on their own
      QUANTIZER
      \(LevelChoice.help)

      The gap is that of the mean of the lookahead points; where it has no closed form (kelly, covariance) the natural \
      residual stands in. The slope is that of log gap over log t in the last two decades. Bits per coordinate count \
      norms, symbols and level updates of a message; the text shows them with the frame's header and checksum, some 40 \
      bytes, beside.

      JSON keys: gap, slope, bitsPerCoordinate, messagesPerWorkerPerStep, solution; with --trajectory also trajectory \
      (the iterates X after each step) and lookaheads (the points where dual vectors were taken); with --retries also \
      resentMessages.

      EXAMPLES
        lamina solve bilinear --dimension 20 --workers 4 --steps 20000
        lamina solve bilinear --workers 4 --quantizer exponential:0.5,6 \\
          --noise relative:0.5 --step-sizes separated
        lamina solve bilinear --workers 4 --quantizer alq:6 --code huffman --json
        lamina solve bilinear --dimension 200 --quantizer dithered:3
        lamina solve rotation --steps 5 --trajectory --json
        lamina solve policeman-burglar --dimension 40 --solver optda --steps 5000
        mpirun -n 4 lamina solve bilinear --transport mpi --steps 20000
      """)

  @Argument(help: "The problem; see above.")
  var problem: SolveProblem

  @Option(parsing: .unconditional, help: "The number of coordinates.")
  var dimension: Int?

  @Option(help: "The solver; see above.")
  var solver: SolveMethod = .qoda

  @Option(
    help: ArgumentHelp("\(StepSizesArgument.grammar).", valueName: "rule"),
    transform: StepSizesArgument.init(parsing:))
  var stepSizes: StepSizesArgument?

  @Option(parsing: .unconditional, help: "The factor of adaptive step sizes. (default: 1)")
  var stepScale: Double?

  @Option(
    parsing: .unconditional, help: "The sum under the root of adaptive step sizes before anything is seen. (default: 1)"
  )
  var leadingConstant: Double?

  @Option(
    parsing: .unconditional, help: "The number of workers. (default: 1; with --transport mpi that of the processes)")
  var workers: Int?

  @OptionGroup
  var transport: TransportOptions

  @OptionGroup
  var retries: RetryOptions

  @Option(
    help: "How dual vectors become their mean (default: scatter-reduce from 5 workers on, where vectors are long).")
  var reduction: Reduction?

  @Option(
    help: ArgumentHelp("\(NoiseArgument.grammar). (default: none)", valueName: "noise"),
    transform: NoiseArgument.init(parsing:))
  var noise: NoiseArgument?

  @Option(
    name: .customLong("quantizer"), help: "How dual vectors travel; see above. (default: none)",
    transform: LevelChoice.init(parsing:))
  var levels: LevelChoice?

  @OptionGroup
  var quantizer: QuantizerOptions

  @Option(help: "What is fitted to the coordinates for level updates.")
  var statistics: EstimateModel = .histogram

  @Option(parsing: .unconditional, help: "Levels are updated every so many exchanges, and at 1, 5, 20 and 50.")
  var updateEvery: UInt64 = 100

  @Option(
    help: "Layers of the dual vector in order, NAME:COUNT:TYPE, with commas. (default: one)",
    transform: LayerList.init(parsing:))
  var layers: LayerList?

  @Option(parsing: .unconditional, help: "The number of steps.")
  var steps: UInt64 = 1000

  @Option(parsing: .unconditional, help: "Names the instance, the start, the noise and the rounding.")
  var seed: UInt64 = 0

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print every iterate.")
  var trajectory = false

  @Flag(help: "Show progress even if stderr is no terminal.")
  var progress = false

  func validate() throws { _ = try checked() }

  func run() throws {
    switch transport.choice {
    case .threads:
      transport.warnOfLauncher()
      try solve(workers: workers ?? 1, isFirst: true) { try $0.run(progress: $1) }
    case .mpi:
      try transport.withGroup(of: workers) { group in
        try solve(workers: group.worldSize, isFirst: group.rank == 0) { try $0.run(in: group, progress: $1) }
      }
    }
  }

  /// Runs the experiment and prints its result, where this is the first worker.
  private func solve(
    workers: Int, isFirst: Bool,
    run: (SolveExperiment, @escaping @Sendable (UInt64) -> Void) throws -> SolveResult
  ) throws {
    let experiment = try makeExperiment(try checked(), workers: workers)
    let line = ProgressLine(unit: "steps", isShown: progress || StandardError.isTerminal)
    let total = Int(clamping: steps)
    let clock = ContinuousClock()
    let start = clock.now
    let result: SolveResult
    do {
      result = try run(experiment) { line.update(Int(clamping: $0), of: total) }
    } catch {
      line.finish()
      throw CommandFailure("\(error)")
    }
    line.finish()
    guard isFirst else { return }
    if result.outcome == .diverged || result.outcome == .nonFinite {
      StandardError.write("lamina: after \(result.steps) of \(steps) steps: \(result.outcome.description)\n")
    }
    let report = SolveReport(result: result, hasTrajectory: trajectory)
    if json { try JSONOutput.print(report) } else { report.printText(experiment, elapsed: clock.now - start) }
  }

  private func makeExperiment(_ choices: CheckedChoices, workers: Int) throws -> SolveExperiment {
    let map = try layers?.map(dimension: choices.dimension) ?? .single(dimension: choices.dimension)
    let plan = try quantizer.plan(
      map: map, choice: choices.levels, norm: .l2, scope: .layer, code: choices.code, seed: seed)
    let usesTables = choices.code == .huffman || choices.code == .rans
    let adapts =
      choices.levels.levels != nil && (choices.adaptation != .fixed || usesTables)
      || choices.levels.budget != nil
    return SolveExperiment(
      problem: problem, dimension: choices.dimension, method: solver, steps: choices.steps, workers: workers,
      noise: noise?.noise ?? .none, plan: plan,
      agreement: adapts
        ? LevelAgreement(
          method: choices.adaptation, model: statistics, weighting: quantizer.weighting ?? .squaredNorm,
          bits: choices.levels.budget, schedule: LevelSchedule(interval: updateEvery)) : nil,
      reduction: reduction, retries: retries.count ?? 0, nonFinite: quantizer.nonFinite, stepCount: steps, seed: seed,
      keepsTrajectory: trajectory)
  }
}

extension SolveCommand {
  /// The choices that depend on one another.
  private struct CheckedChoices {
    let dimension: Int
    let steps: SolveSteps
    let levels: LevelChoice
    let adaptation: AdaptationMethod
    let code: LayerCode.Kind
  }

  private func checked() throws(ValidationError) -> CheckedChoices {
    let dimension = dimension ?? problem.defaultDimension
    guard problem.hasInstance(ofDimension: dimension) else {
      throw ValidationError(
        "\(problem.rawValue) has no instance of dimension \(dimension); there are \(problem.dimensions), up to "
          + "\(SolveProblem.largestDimension)")
    }
    if let workers, !(1...256).contains(workers) {
      throw ValidationError("--workers is from 1 to 256, not \(workers)")
    }
    guard steps >= 1 else { throw ValidationError("--steps is at least 1") }
    guard updateEvery >= 1 else { throw ValidationError("--update-every is at least 1") }
    if case .batch = noise?.noise, problem != .covariance {
      throw ValidationError("batch noise is for the covariance game only")
    }
    if reduction == .scatterReduce, quantizer.coding == .alternating {
      throw ValidationError("a scatter-reduce needs the Main protocol: --coding main")
    }
    if trajectory, !json { throw ValidationError("--trajectory needs --json") }
    let levels = levels ?? LevelChoice(levels: nil, method: nil)
    let method = try quantizer.method(for: levels)
    return CheckedChoices(
      dimension: dimension, steps: try chosenSteps(), levels: levels, adaptation: method,
      code: quantizer.code ?? (method == .fixed ? .fixedWidth : .huffman))
  }

  private func chosenSteps() throws(ValidationError) -> SolveSteps {
    for (name, value) in [("--step-scale", stepScale), ("--leading-constant", leadingConstant)] {
      if let value, !(value > 0 && value.isFinite) { throw ValidationError("\(name) is positive, not \(value)") }
    }
    let (scale, leading) = (stepScale ?? 1, leadingConstant ?? 1)
    let steps: SolveSteps
    switch stepSizes {
    case .adaptive: steps = .adaptive(scale: scale, leadingConstant: leading)
    case .separated(let exponent):
      steps = .separated(exponent: exponent, scale: scale, leadingConstant: leading)
    case .constant(let lookahead, let anchor): steps = .constant(lookahead: lookahead, anchor: anchor)
    case .power(let lookahead, let anchor): steps = .power(lookahead: lookahead, anchor: anchor)
    case nil:
      switch solver.defaultSteps {
      case .adaptive: steps = .adaptive(scale: scale, leadingConstant: leading)
      case .separated(let exponent, _, _):
        steps = .separated(exponent: exponent, scale: scale, leadingConstant: leading)
      case .constant, .power: steps = solver.defaultSteps
      }
    }
    switch steps {
    case .constant, .power:
      if stepScale != nil || leadingConstant != nil {
        throw ValidationError("--step-scale and --leading-constant are for adaptive and separated step sizes")
      }
    case .adaptive, .separated: break
    }
    guard solver.accepts(steps) else {
      throw ValidationError("\(solver.rawValue) takes other step sizes")
    }
    return steps
  }
}
