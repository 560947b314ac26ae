import ArgumentParser
import Collectives
import Experiments
import Foundation
import GradientExchange
import NeuralNetworks

/// `lamina train wgan`.
struct TrainWGANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wgan",
    abstract: "Train a Wasserstein GAN.",
    discussion: """
      The networks' parameters are one vector and its two losses one variational inequality. In every step each worker \
      samples a dual vector on its own batch, quantizes it layer by layer, and sends it once; all decode the same bytes \
      and take the same step. The folder of a run receives manifest.json, records.jsonl, timings.jsonl, TensorBoard \
      events, sample grids in samples/, and checkpoint.safetensors; with --record-gradients also gradients/ with the \
      dual vectors of worker 0 before quantization, for 'lamina bench distortion'.

      EXAMPLES
        Four workers, 5 bits per coordinate, ALQ levels per layer type:
          lamina train wgan --data data/emoji --bits 5 --out runs/5bit
        The same at full precision, to compare:
          lamina train wgan --data data/emoji --full-precision --out runs/fp32
          lamina compare runs/5bit runs/fp32 --html runs/comparison.html
        Three bits per coordinate of everything that is sent, with dither:
          lamina train wgan --data data/emoji --quantizer dithered --bits 3 \\
            --out runs/dithered
        One bit per coordinate, by random rotations:
          lamina train wgan --data data/emoji --quantizer eden --bits 1 \\
            --out runs/eden
        QODA itself, with its step sizes of eq. (4):
          lamina train wgan --data data/emoji --solver qoda --out runs/qoda
        Go on with a run, to 2000 steps; or with other workers:
          lamina train wgan --resume runs/5bit --steps 2000
          lamina train wgan --resume runs/5bit --workers 2
        Four processes as workers, on one machine or many:
          mpirun -n 4 lamina train wgan --transport mpi \\
            --data data/emoji --out runs/mpi
      """)

  @Option(
    help: ArgumentHelp(
      "The folder of the images: what 'lamina data prepare' makes, CIFAR-10 or CIFAR-100 binary, or MNIST IDX.",
      valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The folder to write to; made if missing.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Go on with the run in this folder; only --steps, --workers, --retries, --data, --threads, --codec-threads and --record-gradients can change. With as many workers as before the run is that which was never interrupted; with others, the same state goes on.",
      valueName: "dir"))
  var resume: String?

  @Option(help: "The networks (default: dcgan).")
  var network: NetworkSpec.Architecture?

  @Option(parsing: .unconditional, help: "Channels of the narrowest layer (default: 32 for dcgan, 128 for resnet).")
  var width: Int?

  @Option(parsing: .unconditional, help: "The weight of the gradient penalty (default: 10).")
  var gradientPenalty: Double?

  @Option(
    parsing: .unconditional, help: "Clip the critic's parameters to this bound, in place of the gradient penalty.")
  var clip: Double?

  @Option(help: "The method (default: optimistic-adam).")
  var solver: SolverSpec.Kind?

  @Option(help: "Learning rates of generator and critic for the Adam forms, as G or G,D (default: 0.001).")
  var learningRate: String?

  @Option(help: "The step sizes of QODA: adaptive (eq. 4), separated, constant:C (default: adaptive).")
  var stepSizes: SolverSpec.StepRule?

  @Option(
    parsing: .unconditional,
    help: "The scale of the steps of QODA and Q-GenX (default: 8, and 2 for Q-GenX; 0.8 with separated steps).")
  var scale: Double?

  @Option(
    parsing: .unconditional,
    help:
      "The sum under the root of the steps of QODA and Q-GenX before the first step (default: 1e7; 1e4 with separated steps)."
  )
  var leadingConstant: Double?

  @Option(
    parsing: .unconditional, help: "The number of workers (default: 4; with --transport mpi that of the processes).")
  var workers: Int?

  @OptionGroup
  var transport: TransportOptions

  @OptionGroup
  var retries: RetryOptions

  @Option(
    help: "How dual vectors become their mean (default: scatter-reduce from 5 workers on, where vectors are long).")
  var reduction: Reduction?

  @Option(parsing: .unconditional, help: "Images that a worker takes in an oracle call (default: 16).")
  var batch: Int?

  @Option(parsing: .unconditional, help: "Steps of the whole run (default: 1000).")
  var steps: Int?

  @Option(parsing: .unconditional, help: "The seed of everything random (default: 1).")
  var seed: UInt64?

  @Option(parsing: .unconditional, help: "Steps between two evaluations and sample grids (default: 250).")
  var evaluateEvery: Int?

  @Option(parsing: .unconditional, help: "Steps between two checkpoints (default: 250).")
  var checkpointEvery: Int?

  @Option(
    parsing: .unconditional,
    help: "Workers that compute at the same time; results do not depend on it (default: the number of cores).")
  var threads: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Threads that each worker encodes and decodes with; results do not depend on it (default: 1, for workers are threads already).",
      valueName: "threads"))
  var codecThreads: Int?

  @Option(
    help: ArgumentHelp("Write worker 0's dual vectors of these steps, with commas, to gradients/.", valueName: "steps"))
  var recordGradients: String?

  @Flag(help: "Print the summary as one JSON object.")
  var json = false

  @Flag(inversion: .prefixedNo, help: "Show progress on stderr (default: if it is a terminal).")
  var progress: Bool?

  @OptionGroup(title: "Compression") var compression: CompressionOptions

  func validate() throws {
    for (flag, path) in [("--data", data), ("--out", out), ("--resume", resume)] where path?.isEmpty == true {
      throw ValidationError("\(flag) is empty: it names a folder")
    }
    if resume == nil {
      if data == nil { throw ValidationError("--data is missing: the folder of the images") }
      if out == nil { throw ValidationError("--out is missing: the folder to write the run to") }
    } else if let given = fixedOnResume {
      throw ValidationError(
        "\(given) cannot change when a run is resumed; only --steps, --workers, --retries, --data, --threads, "
          + "--codec-threads and --record-gradients can")
    }
    if clip != nil && gradientPenalty != nil {
      throw ValidationError("--clip and --gradient-penalty exclude each other")
    }
    if let flag = meaninglessFlag {
      let name = (solver ?? SolverSpec().kind).rawValue
      let steps = stepSizes.map { " --step-sizes \($0.defaultValueDescription)" } ?? ""
      throw ValidationError("\(flag) has no meaning with --solver \(name)\(flag == "--step-sizes" ? "" : steps)")
    }
    _ = try recordedSteps()
    for (flag, count) in [("--threads", threads), ("--codec-threads", codecThreads)] {
      if let count, count < 1 { throw ValidationError("\(flag) is at least 1, not \(count)") }
    }
    if threads != nil, transport.choice == .mpi {
      throw ValidationError("--threads has no meaning with --transport mpi: every process computes one worker")
    }
    try validateSettings()
  }

  /// Checks the values of flags before any file is read; those of a plan file wait until it is.
  private func validateSettings() throws {
    var spec = TrainingSpec()
    if resume != nil {
      if let steps { spec.steps = steps }
      if let workers { spec.workers = workers }
    } else {
      if compression.plan == nil { spec.compression = try compression.specification() }
      apply(to: &spec)
      try applyRates(to: &spec.solver)
    }
    do { try spec.validate() } catch { throw ValidationError("\(error)") }
  }

  /// A flag that the solver would pass over.
  private var meaninglessFlag: String? {
    let kind = solver ?? SolverSpec().kind
    let isAdam = [.optimisticAdam, .extraAdam, .adam].contains(kind)
    var isConstant = false
    if case .constant? = stepSizes { isConstant = true }
    if isAdam || isConstant {
      if scale != nil { return "--scale" }
      if leadingConstant != nil { return "--leading-constant" }
    }
    if !isAdam && learningRate != nil { return "--learning-rate" }
    return kind != .qoda && stepSizes != nil ? "--step-sizes" : nil
  }

  func run() throws {
    switch transport.choice {
    case .threads:
      transport.warnOfLauncher()
      let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
      try train(makeTraining(), isFirst: true) { training, stop, report in
        if resume != nil {
          try training.resume(threads: threads, stop: stop, report: report)
        } else {
          try training.start(commandLine: CommandLine.arguments, threads: threads, stop: stop, report: report)
        }
      }
    case .mpi:
      try transport.withGroup(of: workers) { group in
        try train(makeTraining(processes: group.worldSize), isFirst: group.rank == 0) { training, stop, report in
          if resume != nil {
            try training.resume(in: group, stop: stop, report: report)
          } else {
            try training.start(commandLine: CommandLine.arguments, in: group, stop: stop, report: report)
          }
        }
      }
    }
  }

  private func train(
    _ training: WGANTraining, isFirst: Bool,
    run: (WGANTraining, StopRequest, @escaping @Sendable (TrainingProgress) -> Void) throws -> Void
  ) throws {
    let stop = Interruption.stop()
    let line = ProgressLine(
      unit: "steps", isShown: progress ?? (StandardError.isTerminal && !json))
    // A log gets a line per evaluation.
    let isLogged = progress == nil && !StandardError.isTerminal && !json
    let interval = training.spec.evaluationInterval
    let report: @Sendable (TrainingProgress) -> Void = { now in
      var note = "W \(Figure.short(now.wasserstein)), \(Figure.short(now.bitsPerCoordinate)) bits/coordinate"
      if let frechet = now.frechet {
        note += ", Fréchet \(Figure.short(frechet.pixels)) / \(Figure.short(frechet.features))"
      }
      line.update(now.step, of: now.steps, here: now.stepsHere, note: note)
      // An evaluation is known from the next step on.
      if isLogged, now.frechet != nil, now.step % interval == 1 || interval == 1 {
        line.log(now.step, of: now.steps, here: now.stepsHere, note: note)
      }
    }
    defer { line.finish() }
    try run(training, stop, report)
    line.finish()
    if isFirst { try summarise(training) }
  }

  /// The run that the flags describe, or the one to go on with; of `processes` workers where these are processes.
  private func makeTraining(processes: Int? = nil) throws -> WGANTraining {
    var spec = TrainingSpec()
    if let resume {
      spec = try TrainingSpec(manifest: Manifest(path: RunFolder(resume).manifest))
      if let steps { spec.steps = steps }
      if let workers { spec.changeWorkers(to: workers) }
    } else {
      spec.compression = try compression.specification()
      spec.workers = processes ?? spec.workers
      apply(to: &spec)
      try applyRates(to: &spec.solver)
    }
    if let count = retries.count { spec.retries = count > 0 ? count : nil }
    let folder = data ?? spec.data
    spec.data = folder
    var training = try WGANTraining(
      spec: spec, dataset: ImageDataset(folder: folder), folder: resume ?? out ?? "")
    training.recordedSteps = try recordedSteps()
    if let codecThreads { training.codecThreads = codecThreads }
    return training
  }

  /// The steps of `--record-gradients`.
  private func recordedSteps() throws(ValidationError) -> Set<Int> {
    guard let recordGradients else { return [] }
    return try StepList(parsing: recordGradients, flag: "--record-gradients").steps
  }

  private func apply(to spec: inout TrainingSpec) {
    if let network { spec.network.architecture = network }
    if let width { spec.network.width = width }
    if let gradientPenalty { spec.network.gradientPenalty = gradientPenalty }
    if let clip {
      spec.network.gradientPenalty = nil
      spec.network.clipping = clip
    }
    if let solver { spec.solver.kind = solver }
    if let stepSizes { spec.solver.steps = stepSizes }
    if let scale { spec.solver.scale = scale }
    if let leadingConstant { spec.solver.leadingConstant = leadingConstant }
    if let workers { spec.workers = workers }
    if let reduction { spec.reduction = reduction }
    if let batch { spec.batchSize = batch }
    if let steps { spec.steps = steps }
    if let seed { spec.seed = seed }
    if let evaluateEvery { spec.evaluationInterval = evaluateEvery }
    if let checkpointEvery { spec.checkpointInterval = checkpointEvery }
  }

  private func applyRates(to solver: inout SolverSpec) throws {
    guard let learningRate else { return }
    let rates = learningRate.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard (1...2).contains(rates.count), let generator = rates[0], let critic = rates[rates.count - 1] else {
      throw ValidationError("--learning-rate is a number, or two with a comma between, not '\(learningRate)'")
    }
    solver.generatorRate = generator
    solver.criticRate = critic
  }

  /// The first flag that would change a run which is being resumed.
  private var fixedOnResume: String? {
    let given: [(String, Bool)] = [
      ("--out", out != nil), ("--network", network != nil), ("--width", width != nil),
      ("--gradient-penalty", gradientPenalty != nil), ("--clip", clip != nil), ("--solver", solver != nil),
      ("--learning-rate", learningRate != nil), ("--step-sizes", stepSizes != nil), ("--scale", scale != nil),
      ("--leading-constant", leadingConstant != nil), ("--reduction", reduction != nil),
      ("--batch", batch != nil),
      ("--seed", seed != nil), ("--evaluate-every", evaluateEvery != nil),
      ("--checkpoint-every", checkpointEvery != nil),
    ]
    return given.first { $0.1 }?.0 ?? compression.firstGiven
  }

  private func summarise(_ training: WGANTraining) throws {
    let report = try Report(directories: [training.folder.path], link: .chosen(), command: CommandLine.arguments)
    if json {
      FileHandle.standardOutput.write(Data(try report.json()))
    } else {
      // 'lamina compare' says what the figures mean.
      print(report.text(hasNotes: false), terminator: "")
      for note in report.runNotes { print(note) }
    }
  }
}
